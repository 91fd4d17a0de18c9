//! Where in a request an id can stand. The path is read off the route itself; for the
//! query and the body each route says it here, and a route that is not listed fails.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::{
    super::request,
    tenant::Kind::{self, *},
};
use crate::api::{BASE, Route, Verb};

/// A place in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The nth placeholder of the path.
    Path(usize),
    /// A parameter of the query.
    Query(&'static str),
    /// A field of the body.
    Body(&'static str),
    /// A header.
    Header(&'static str),
}

impl Place {
    /// Whether it says which connection a call is to use.
    pub(super) fn chooses(self) -> bool {
        matches!(self, Self::Body("connectionId" | "connection"))
    }

    /// Whether what is not there leaves a list empty, or shorter, and is no error.
    pub(super) fn only_filters(self) -> bool {
        matches!(self, Self::Query("cursor" | "search" | "object" | "key"))
    }
}

/// Every place of a route where an id can stand, and what the id is of.
pub(super) fn places(route: &Route) -> Vec<(Place, &'static [Kind])> {
    let mut places = in_path(route);
    places.extend(beside(route));
    // Every route that is about a company.
    if route.scopes != ["installation"] {
        places.push((Place::Header("bursar-company"), &[Company, CompanyName]));
    }
    places
}

fn in_path(route: &Route) -> Vec<(Place, &'static [Kind])> {
    let steps: Vec<&str> = route.path.split('/').collect();
    let placeholders = steps.iter().filter(|step| step.starts_with('{')).enumerate();
    placeholders
        .filter_map(|(nth, step)| {
            let kinds: &[Kind] = match (steps[1], *step) {
                // The catalog is the same for everybody.
                ("actions" | "operations", _) => return None,
                ("workflows", "{id}") => &[Workflow, WorkflowKey],
                ("runs", "{id}") => &[Run],
                ("runs", "{step}") => &[Step],
                ("calls", "{id}") => &[Call],
                ("events", "{id}") => &[Receipt, Event],
                ("connections", "{id}") => &[Connection, ConnectionName],
                ("sources" | "installation", "{id}") => &[Source],
                ("keys", "{id}") => &[ApiKey, ApiKeyName],
                ("companies", "{id}") => &[Company, CompanyName],
                other => panic!("{}: what {other:?} is an id of is not known; add it here", route.path),
            };
            Some((Place::Path(nth), kinds))
        })
        .collect()
}

/// In the query and in the body.
fn beside(route: &Route) -> Vec<(Place, &'static [Kind])> {
    use Place::{Body, Query};
    match (route.verb, route.path) {
        (Verb::Post, "/actions/{name}") => {
            vec![(Body("connectionId"), &[Connection, ConnectionName])]
        }
        (Verb::Get, "/calls") => vec![(Query("key"), &[CallerKey, StripesKey])],
        (Verb::Post, "/workflows/{id}/run") => {
            vec![(Body("connectionId"), &[Connection, ConnectionName])]
        }
        (Verb::Get, "/workflows") => vec![(Query("cursor"), &[Workflow]), (Query("search"), &[WorkflowKey])],
        (Verb::Get, "/runs") => {
            vec![(Query("workflow"), &[Workflow, WorkflowKey]), (Query("cursor"), &[Run])]
        }
        (Verb::Get, "/events") => vec![(Query("object"), &[Object]), (Query("cursor"), &[Receipt])],
        (Verb::Get, "/audit") => vec![(Query("cursor"), &[Entry])],
        (Verb::Post, "/connections/stripe/authorize") => {
            vec![(Body("reconnect"), &[Connection, ConnectionName])]
        }
        (Verb::Post, "/sources" | "/sources/ensure") => {
            vec![(Body("connection"), &[Connection, ConnectionName])]
        }
        (Verb::Get, "/installation/unclaimed") => vec![(Query("cursor"), &[Receipt])],
        (Verb::Get, "/connections/stripe/auth-url") => {
            vec![(Query("reconnect"), &[Connection, ConnectionName])]
        }
        // Nothing but words that are no ids.
        (Verb::Get, "/actions" | "/operations" | "/operations/{id}" | "/triggers" | "/workflows/{id}")
        | (Verb::Post, "/workflows" | "/workflows/check" | "/connections" | "/keys" | "/companies")
        | (Verb::Post, "/workflows/{id}/activate" | "/workflows/{id}/pause" | "/vault/rotate")
        | (Verb::Post, "/runs/{id}/cancel" | "/runs/{id}/retry" | "/runs/{id}/steps/{step}/resolve")
        | (Verb::Post, "/events/{id}/replay" | "/connections/{id}/test" | "/installation/sources")
        | (Verb::Put, "/workflows/{id}" | "/connections/{id}")
        | (Verb::Delete, "/connections/{id}" | "/companies/{id}") => vec![],
        // What reads neither a query nor a body.
        (Verb::Get | Verb::Delete, _) if !route.query => vec![],
        (verb, path) => {
            panic!("{verb:?} {path}: which ids its query and body take is not known; add it here")
        }
    }
}

/// A body that is right but for the ids.
fn body(route: &Route) -> Value {
    match (route.verb, route.path) {
        (Verb::Post, "/actions/{name}") => json!({ "config": { "name": "Ada" } }),
        (Verb::Post, "/workflows" | "/workflows/check") | (Verb::Put, "/workflows/{id}") => {
            json!({ "source": "name: x\ntrigger: { type: api }\nsteps: []\n" })
        }
        (Verb::Post, "/connections") => json!({ "name": "x" }),
        (Verb::Post, "/keys") => json!({ "name": "x", "scopes": ["admin"] }),
        (Verb::Post, "/companies") => json!({ "name": "x" }),
        (Verb::Post, "/sources") => json!({ "endpoint": "we_new", "secret": "whsec_0123456789abcdef" }),
        (Verb::Post, "/installation/sources") => {
            json!({ "endpoint": "we_new", "secret": "whsec_0123456789abcdef", "mode": "local" })
        }
        (Verb::Post, "/runs/{id}/steps/{step}/resolve") => json!({ "as": "done", "note": "seen" }),
        (Verb::Put, "/connections/{id}") => json!({ "name": "taken-over" }),
        (Verb::Post, _) => json!({}),
        _ => Value::Null,
    }
}

/// The route's request with the caller's own ids.
pub(super) fn plain(route: &Route, own: &dyn Fn(Kind) -> String, key: &str) -> Request<Body> {
    filled(route, Place::Path(usize::MAX), "", own, key)
}

/// The route's request with this id at the place, and the caller's own ids at the others.
pub(super) fn filled(
    route: &Route,
    place: Place,
    id: &str,
    own: &dyn Fn(Kind) -> String,
    key: &str,
) -> Request<Body> {
    let mut nth = 0;
    let steps = route.path.split('/').map(|step| {
        if !step.starts_with('{') {
            return step.to_owned();
        }
        nth += 1;
        match (Place::Path(nth - 1) == place, step) {
            (true, _) => id.to_owned(),
            (false, "{name}") => "stripe.createCustomer".to_owned(),
            (false, "{step}") => own(Step),
            (false, _) if route.path.starts_with("/operations") => "refunds.list".to_owned(),
            (false, _) => in_path(route).first().map_or_else(String::new, |(_, kinds)| own(kinds[0])),
        }
    });
    let mut path = format!("{BASE}{}", steps.collect::<Vec<_>>().join("/"));
    if let Place::Query(name) = place {
        path = format!("{path}?{name}={id}");
    }
    let mut body = body(route);
    if let Place::Body(name) = place {
        body[name] = json!(id);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let mut request = request(super::method(route), &path, Some(key), body);
    request.headers_mut().insert("idempotency-key", "foreign".parse().unwrap());
    if let Place::Header(name) = place {
        request.headers_mut().insert(name, id.parse().unwrap());
    }
    request
}
