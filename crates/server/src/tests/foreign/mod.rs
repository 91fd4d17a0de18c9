//! Whose id it is says nothing: for every route, every scope and every place in which an
//! id can stand, another company's id is answered as one that nobody has, to the byte,
//! and nothing is written. Generated from the router's own table.

mod beside;
mod fills;
mod tenant;
mod watching;

use std::{collections::BTreeMap, sync::Arc};

use axum::body::Body;
use futures_util::StreamExt as _;
use http::{HeaderMap, Request, StatusCode};
use store::{Memory, MemoryOptions};
use tower::ServiceExt as _;

use self::{
    fills::{Place, filled, places, plain},
    tenant::{Kind, Tenant, providers, unknown},
    watching::Watching,
};
use super::{Server, routes::method};
use crate::{
    SCOPES, ServerLimits,
    api::{ROUTES, Route},
};

/// Two companies on one server: who asks, and who is asked about.
struct World {
    server: Server,
    store: Arc<Watching>,
    ants: Tenant,
    bees: Tenant,
}

/// What a caller sees, but for what differs between any two requests.
#[derive(Debug, PartialEq)]
struct Seen {
    status: StatusCode,
    headers: BTreeMap<String, String>,
    body: String,
}

impl World {
    async fn new() -> Self {
        let memory = Arc::new(Memory::new(MemoryOptions::default()));
        let store = Arc::new(Watching::new(memory));
        let server = Server::over(store.clone(), ServerLimits::default()).await;
        server.app.connections.set_providers(providers());
        let (ants, bees) = (Tenant::new(&server, "ants").await, Tenant::new(&server, "bees").await);
        Self { server, store, ants, bees }
    }

    /// A key of the first company with this scope alone.
    async fn key(&self, scope: &str) -> String {
        let name = format!("may {scope}");
        crate::issue_key(&self.server.app, self.ants.company, &name, &[scope]).await.unwrap().text
    }

    /// One key for each scope, by its name.
    async fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        for scope in SCOPES {
            keys.push((*scope, self.key(scope).await));
        }
        keys
    }

    /// The answer, with the id that was asked for taken out.
    async fn see(&self, request: Request<Body>, id: &str) -> Seen {
        let response = self.server.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let streams = text(&parts.headers, "content-type") == "text/event-stream";
        // A stream that was begun has no end; that it was is what is seen.
        let chunks: Vec<_> = match streams {
            true => Vec::new(),
            false => body.into_data_stream().map(|chunk| chunk.unwrap()).collect().await,
        };
        let body = String::from_utf8(chunks.concat()).unwrap();
        let body = body.replace(&text(&parts.headers, "request-id"), "REQUEST").replace(id, "ID");
        let headers =
            parts.headers.keys().map(|name| (name.to_string(), text(&parts.headers, name.as_str())));
        let headers = headers.filter(|(name, _)| !name.ends_with("request-id")).collect();
        Seen { status: parts.status, headers, body }
    }

    /// Holds a route to its promise at one place under one key.
    async fn hold(&self, route: &Route, place: Place, kinds: &[Kind], who: &str, key: &str) {
        let own = |kind| self.ants.id(kind).to_owned();
        for (kind, foreign) in &self.bees.ids {
            let expected = kinds.contains(kind);
            // An id of another kind is nobody's there, and has to look like that, too.
            if !expected && who != "admin" {
                continue;
            }
            let nobodys = unknown(foreign);
            let theirs = self.see(filled(route, place, foreign, &own, key), foreign).await;
            let none = self.see(filled(route, place, &nobodys, &own, key), &nobodys).await;
            let at = format!("{:?} {} with a {kind:?} in {place:?} under {who}", route.verb, route.path);
            assert_eq!(theirs, none, "{at}");
            self.tells_nothing(&theirs, &at);
            let forbidden = who != "admin" || route.scopes == ["installation"];
            if expected && !forbidden && !place.only_filters() {
                // Where a connection is named to be used, the answer lists the caller's own.
                let status = if place.chooses() { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
                assert_eq!(theirs.status, status, "{at}: {theirs:?}");
            }
        }
        assert_eq!(self.store.written(), Vec::<String>::new(), "{} {place:?} under {who}", route.path);
    }

    #[track_caller]
    fn tells_nothing(&self, seen: &Seen, at: &str) {
        let told = self.bees.ids.iter().find(|(_, id)| seen.body.contains(id.as_str()));
        assert!(told.is_none(), "{at} tells {told:?}: {}", seen.body);
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn another_companys_ids_look_like_nobodys_on_every_route_under_every_scope() {
    let world = World::new().await;
    let keys = world.keys().await;
    world.store.written();
    for route in ROUTES {
        for (place, kinds) in places(route) {
            for (who, key) in &keys {
                // Whoever runs the installation may name every company.
                if kinds.first() != Some(&Kind::Company) || *who != "installation" {
                    world.hold(route, place, kinds, who, key).await;
                }
            }
        }
    }
}

/// What a key may not do says nothing about what there is to do it to.
#[tokio::test]
async fn a_key_without_the_scope_is_refused_alike_for_what_is_there_and_what_is_not() {
    let world = World::new().await;
    let keys = world.keys().await;
    world.store.written();
    let own = |kind| world.ants.id(kind).to_owned();
    for route in ROUTES {
        for (who, key) in &keys {
            if route.scopes.contains(who) || (*who == "admin" && route.scopes != ["installation"]) {
                continue;
            }
            for (place, kinds) in places(route) {
                if matches!(place, Place::Header(_)) {
                    continue;
                }
                let (known, nobodys) = (own(kinds[0]), unknown(&own(kinds[0])));
                let there = world.see(filled(route, place, &known, &own, key), &known).await;
                let not = world.see(filled(route, place, &nobodys, &own, key), &nobodys).await;
                assert_eq!(there, not, "{:?} {} in {place:?} under {who}", route.verb, route.path);
            }
            let refused = world.see(plain(route, &own, key), "none").await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{:?} {} under {who}", route.verb, route.path);
        }
    }
    assert_eq!(world.store.written(), Vec::<String>::new());
}

#[tokio::test]
async fn no_list_has_anything_of_another_company_in_it() {
    let world = World::new().await;
    let own = |kind| world.ants.id(kind).to_owned();
    for route in ROUTES.iter().filter(|route| method(route) == "GET" && route.scopes != ["installation"]) {
        let seen = world.see(plain(route, &own, &world.ants.key), "none").await;
        let at = format!("GET {}", route.path);
        assert!(seen.status.is_success() || [400, 409].contains(&seen.status.as_u16()), "{at}: {seen:?}");
        world.tells_nothing(&seen, &at);
    }
}
