//! What holds outside the API's own routes.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, middleware, routing};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use model::Code;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::{Server, request};
use crate::{Hosts, ServerLimits, finish};

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_have_the_same_envelope() {
    let server = Server::new().await;
    let reply = server.get("/api/v1/nothing").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::NOT_FOUND, "not_found"));
    for path in ["/api/v1/runs", "/health", "/webhooks/stripe/x"] {
        let reply = server.send(request(Method::PATCH, path, Some(&server.key), Body::empty())).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::METHOD_NOT_ALLOWED, "not_found"), "{path}");
        assert!(reply.headers.contains_key("allow"), "{path}");
    }
}

#[tokio::test]
async fn health_and_readiness_need_no_key_and_a_fenced_process_is_not_ready() {
    let server = Server::new().await;
    let ask = |path: &str| request(Method::GET, path, None, Body::empty());
    assert_eq!(server.send(ask("/health")).await.data()["status"], "ok");
    assert_eq!(server.send(ask("/ready")).await.data()["status"], "ready");
    server.app.driver.fence();
    let reply = server.send(ask("/ready")).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::SERVICE_UNAVAILABLE, "store_unavailable"));
    assert_eq!(server.send(ask("/health")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_code_has_its_page_where_failures_link_it() {
    let server = Server::new().await;
    for code in Code::ALL {
        let path = format!("/docs/errors/{code}");
        let reply = server.send(request(Method::GET, &path, None, Body::empty())).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.text.starts_with(&format!("# `{code}`")));
        let mut html = request(Method::GET, &path, None, Body::empty());
        html.headers_mut().insert("accept", "text/html,*/*".parse().unwrap());
        assert!(server.send(html).await.text.contains("<!doctype html>"));
    }
    let reply = server.send(request(Method::GET, "/docs/errors/nope", None, Body::empty())).await;
    assert_eq!(reply.code(), "not_found");
}

#[tokio::test]
async fn a_panic_is_an_answer_and_tells_nothing() {
    let server = Server::new().await;
    async fn panics() {
        panic!("canary");
    }
    let router = Router::new()
        .route("/panics", routing::get(panics))
        .layer(middleware::from_fn_with_state(Arc::new(server.app.clone()), finish::finish));
    let server = Server { router, ..server };
    let reply = server.get("/panics").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"));
    assert!(!reply.text.contains("canary"));
}

#[tokio::test]
async fn a_page_of_another_name_does_not_reach_a_listening_server() {
    let server = Server::new().await;
    let router = crate::listening(server.app.clone(), Hosts::loopback_and(["https://bursar.example"]));
    let server = Server { router, ..server };
    let ask = |host: &str| {
        let mut request = request(Method::GET, "/health", None, Body::empty());
        request.headers_mut().insert("host", host.parse().unwrap());
        request
    };
    assert_eq!(server.send(ask("127.0.0.1:7420")).await.status, StatusCode::OK);
    assert_eq!(server.send(ask("bursar.example")).await.status, StatusCode::OK);
    let reply = server.send(ask("rebound.example")).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let limits = ServerLimits { timeout: Duration::from_secs(4), ..ServerLimits::default() };
    let server = Server::with(limits).await;
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let reply = server.send(request(Method::POST, "/api/v1/workflows", Some(&server.key), never)).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::REQUEST_TIMEOUT, "timeout"));
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused() {
    let server = Server::new().await;
    let mut form =
        request(Method::POST, "/api/v1/actions/createCustomer", Some(&server.key), Body::from("a=b"));
    form.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    let reply = server.send(form).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "validation_error"));
}

#[tokio::test]
async fn a_small_body_is_read_before_an_early_refusal() {
    let server = Server::with(ServerLimits { deliveries: 0, ..ServerLimits::default() }).await;
    for path in ["/api/v1/workflows", "/webhooks/stripe/co_1"] {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = read.clone();
        let pieces = stream::iter(0..4).map(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Infallible>(Bytes::from_static(b"{}"))
        });
        let reply = server.send(request(Method::POST, path, None, Body::from_stream(pieces))).await;
        assert!(!reply.status.is_success());
        assert_eq!(read.load(Ordering::SeqCst), 4, "{path}: the body was left unread");
    }
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let server = Server::new().await;
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    server.app.run_background(&tracker, &stop);
    let stream = tracker.spawn({
        let request = request(Method::GET, "/api/v1/stream", Some(&server.key), Body::empty());
        let router = server.router.clone();
        async move { router.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes() }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!stream.is_finished());
    stop.cancel();
    tracker.close();
    tokio::time::timeout(Duration::from_secs(5), tracker.wait()).await.unwrap();
    assert!(stream.await.unwrap().is_empty());
}
