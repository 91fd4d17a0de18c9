//! What holds for every route, tried on every route: a new one is covered at birth,
//! because the router and this harness read one list.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request, StatusCode};

use super::{Reply, Server, request};
use crate::{
    SCOPES,
    api::{BASE, ROUTES, Route, Verb},
};

pub(super) fn method(route: &Route) -> Method {
    match route.verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Delete => Method::DELETE,
    }
}

/// The route's address with this in the place of its placeholder.
fn address(route: &Route, id: &str) -> String {
    let path: Vec<_> =
        route.path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
    format!("{BASE}{}", path.join("/"))
}

/// An id that is well formed and that nobody has.
fn unknown(route: &Route) -> String {
    let prefix = match route.path.split('/').nth(1) {
        Some("actions") => return "stripe.noSuchAction".to_owned(),
        Some("operations") => return "refunds.noSuchOperation".to_owned(),
        Some("calls") => "call_",
        Some("workflows") => "wf_",
        Some("runs") => "run_",
        Some("events") => "rcpt_",
        Some("connections") => "conn_",
        Some("keys") => "key_",
        Some("companies") => "co_",
        Some("sources" | "installation") => "src_",
        other => panic!("{}: no kind of id is known for {other:?}; add it here", route.path),
    };
    format!("{prefix}0192f1c2a7b07c3d8e4f5a6b7c8d9e0f")
}

fn takes_body(route: &Route) -> bool {
    matches!(route.verb, Verb::Post | Verb::Put)
}

fn with_body(route: &Route, id: &str, key: Option<&str>) -> Request<Body> {
    let body = if !takes_body(route) {
        ""
    } else if route.path.starts_with("/workflows")
        && (route.path.matches('/').count() < 3 || route.path.ends_with("/check"))
    {
        r#"{"source": "name: x"}"#
    } else if route.path.ends_with("/resolve") {
        r#"{"as": "not_done", "note": "x"}"#
    } else {
        "{}"
    };
    let mut request = request(method(route), &address(route, id), key, Body::from(body));
    request.headers_mut().insert("idempotency-key", "harness".parse().unwrap());
    request
}

#[track_caller]
fn expect(route: &Route, reply: &Reply, status: StatusCode, code: &str) {
    assert_eq!(
        (reply.status, reply.code()),
        (status, code),
        "{:?} {}: {}",
        route.verb,
        route.path,
        reply.text
    );
}

#[tokio::test]
async fn every_route_refuses_a_request_without_a_key() {
    let server = Server::new().await;
    for route in ROUTES {
        for key in [None, Some("bsk_0000"), Some("")] {
            let reply = server.send(with_body(route, "x", key)).await;
            expect(route, &reply, StatusCode::UNAUTHORIZED, "unauthorized");
        }
    }
}

#[tokio::test]
async fn every_route_refuses_a_key_without_its_scope() {
    let server = Server::new().await;
    for route in ROUTES {
        assert!(!route.scopes.is_empty(), "{}: a route without a scope", route.path);
        assert!(route.scopes.iter().all(|scope| SCOPES.contains(scope)), "{}: unknown scope", route.path);
        let others: Vec<_> = SCOPES
            .iter()
            .copied()
            .filter(|scope| *scope != "admin" && !route.scopes.contains(scope))
            .collect();
        let key = server.key(&others).await;
        let reply = server.send(with_body(route, "x", Some(&key))).await;
        expect(route, &reply, StatusCode::FORBIDDEN, "forbidden");
    }
}

#[tokio::test]
async fn every_route_lets_its_own_scopes_through() {
    let server = Server::new().await;
    for route in ROUTES {
        let key = server.key(route.scopes).await;
        let request = with_body(route, "nope", Some(&key));
        // Only the answer's beginning: a stream has no end of its own.
        let response = tower::ServiceExt::oneshot(server.router.clone(), request).await.unwrap();
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::INTERNAL_SERVER_ERROR];
        assert!(
            !refused.contains(&response.status()),
            "{:?} {}: {}",
            route.verb,
            route.path,
            response.status()
        );
    }
}

#[tokio::test]
async fn every_route_answers_404_for_an_id_that_nobody_has() {
    let server = Server::new().await;
    for route in ROUTES.iter().filter(|route| route.path.contains('{')) {
        for id in [unknown(route).as_str(), "nope", "%FF", "..%2F..", "%00", "a%20b", "🦀"] {
            let id = if id == "🦀" { "%F0%9F%A6%80" } else { id };
            let reply = server.send(with_body(route, id, Some(&server.key))).await;
            expect(route, &reply, StatusCode::NOT_FOUND, "not_found");
        }
    }
}

#[tokio::test]
async fn every_route_with_a_body_refuses_malformed_json() {
    let server = Server::new().await;
    for route in ROUTES.iter().filter(|route| takes_body(route)) {
        for body in ["{\"a\":", "[]", "5", "\u{feff}{}", "{\"zzz\": 1}", "nonsense"] {
            let mut request =
                request(method(route), &address(route, "x"), Some(&server.key), Body::from(body));
            request.headers_mut().insert("idempotency-key", "harness".parse().unwrap());
            let reply = server.send(request).await;
            expect(route, &reply, StatusCode::BAD_REQUEST, "validation_error");
        }
        let utf16 = Body::from(vec![0xff, 0xfe, b'{', 0, b'}', 0]);
        let reply = server.send(request(method(route), &address(route, "x"), Some(&server.key), utf16)).await;
        expect(route, &reply, StatusCode::BAD_REQUEST, "validation_error");
    }
}

#[tokio::test]
async fn every_route_refuses_a_query_parameter_that_it_does_not_know() {
    let server = Server::new().await;
    for route in ROUTES {
        let address = format!("{}?zzz=1", address(route, "x"));
        let reply = server.send(request(method(route), &address, Some(&server.key), Body::empty())).await;
        expect(route, &reply, StatusCode::BAD_REQUEST, "validation_error");
        assert_eq!(reply.body["error"]["field"], "zzz");
    }
}

#[tokio::test]
async fn every_body_over_the_limit_is_refused() {
    let server = Server::new().await;
    for route in ROUTES.iter().filter(|route| takes_body(route)) {
        let body = format!("{{\"a\": \"{}\"}}", "x".repeat(server.app.server.body_bytes));
        let reply = server
            .send(request(method(route), &address(route, "x"), Some(&server.key), Body::from(body)))
            .await;
        expect(route, &reply, StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large");
    }
}

#[test]
fn no_two_routes_are_the_same() {
    let all: BTreeSet<_> = ROUTES.iter().map(|route| (method(route).to_string(), route.path)).collect();
    assert_eq!(all.len(), ROUTES.len());
}
