//! The receiver.

use std::time::Duration;

use axum::body::Body;
use engine::Progress;
use events::NewSource;
use http::{Method, Request, StatusCode};
use model::{Clock as _, Mode, RunStatus, SystemClock};
use serde_json::json;
use stripe::signature::{Secret, sign};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Server, request};
use crate::ServerLimits;

const SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3Q";

async fn with_source() -> Server {
    let server = Server::new().await;
    let new = NewSource {
        account: server.sandbox.account(),
        mode: Mode::Local,
        endpoint: "we_1".into(),
        url: "http://127.0.0.1:7420/webhooks".into(),
        secret: Secret::new(SECRET).unwrap(),
    };
    server.app.sources.put(server.company, new).await.unwrap();
    server
}

fn event(id: &str) -> String {
    let created = SystemClock.now().as_second();
    json!({
        "id": id, "object": "event", "type": "payment_intent.created", "created": created, "livemode": false,
        "data": { "object": { "id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_canary" } },
    })
    .to_string()
}

fn delivery(server: &Server, body: &str, signature: Option<&str>) -> Request<Body> {
    let path = format!("/webhooks/stripe/{}", server.company);
    let mut request = request(Method::POST, &path, None, Body::from(body.to_owned()));
    if let Some(signature) = signature {
        request.headers_mut().insert("stripe-signature", signature.parse().unwrap());
    }
    request
}

fn signed(body: &str) -> String {
    sign(&[Secret::new(SECRET).unwrap()], body.as_bytes(), SystemClock.now())
}

#[tokio::test]
async fn a_signed_delivery_is_received_once_and_shown_masked() {
    let server = with_source().await;
    let body = event("evt_1");
    let first = server.send(delivery(&server, &body, Some(&signed(&body)))).await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    assert_eq!(first.body, json!({ "received": true, "eventId": "evt_1", "workflowsTriggered": 0 }));
    let again = server.send(delivery(&server, &body, Some(&signed(&body)))).await;
    assert_eq!(again.body["duplicate"], json!(true));

    let list = server.get("/api/v1/events?type=payment_intent.created&object=pi_1").await;
    assert_eq!(list.data().as_array().unwrap().len(), 1);
    let shown = server.get("/api/v1/events/evt_1").await;
    assert_eq!(shown.data()["event"]["data"]["object"]["client_secret"], crate::mask::MASK);
    assert!(!shown.text.contains("canary"));
    let ours = format!("/api/v1/events/{}", shown.data()["id"].as_str().unwrap());
    assert_eq!(server.get(&ours).await.data()["eventId"], "evt_1");
    server.post("/api/v1/events/evt_1/replay", None, json!({})).await.data();
    let source = server.get("/api/v1/sources").await;
    assert_eq!(source.data()[0]["endpoint"], "we_1");
    assert!(!source.text.contains(SECRET));
}

#[tokio::test]
async fn what_is_not_signed_by_us_is_not_stored() {
    let server = with_source().await;
    let body = event("evt_2");
    let good = signed(&body);
    let last = if good.ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{last}", &good[..good.len() - 1]);
    for signature in [None, Some(""), Some("nonsense"), Some(forged.as_str())] {
        let reply = server.send(delivery(&server, &body, signature)).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "invalid_signature"));
    }
    assert_eq!(server.get("/api/v1/events").await.data(), &json!([]));
    let nowhere = request(Method::POST, "/webhooks/stripe/co_1", None, Body::from(body));
    assert_eq!(server.send(nowhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_receiver_without_room_asks_to_come_again() {
    let server = Server::with(ServerLimits { deliveries: 0, ..ServerLimits::default() }).await;
    let reply = server.send(delivery(&server, "{}", None)).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::SERVICE_UNAVAILABLE, "store_unavailable"));
    assert_eq!(reply.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_delivery_over_the_limit_is_refused() {
    let server = with_source().await;
    let body = "x".repeat(server.app.server.body_bytes + 1);
    let reply = server.send(delivery(&server, &body, Some(&signed(&body)))).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"));
}

#[tokio::test]
async fn an_event_starts_the_run_that_listens_for_it_and_tells_the_stream() {
    let server = with_source().await;
    let document = "name: Note the payment\n\
        trigger: { type: webhook, provider: stripe, events: [payment_intent.created] }\n\
        steps:\n\
        \x20 - { id: note, action: stripe.createCustomer, config: { name: \"{{ event.data.object.id }}\" } }\n";
    server.post("/api/v1/workflows", None, json!({ "source": document })).await.data();
    server.post("/api/v1/workflows/note-the-payment/activate", None, json!({})).await.data();
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    server.app.run_background(&tracker, &stop);
    let mut changes = server.app.driver.subscribe();
    let body = event("evt_3");
    let received = server.send(delivery(&server, &body, Some(&signed(&body)))).await;
    assert_eq!(received.body["workflowsTriggered"], json!(1), "{received:?}");
    let ended = async {
        while !matches!(changes.recv().await, Ok(Progress::Run { status: RunStatus::Completed, .. })) {}
    };
    tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap();
    let runs = server.get("/api/v1/runs").await;
    assert_eq!(runs.data()[0]["cause"], "event:evt_3");
    let shown = server.get("/api/v1/events/evt_3").await;
    assert_eq!(shown.data()["runs"], json!([runs.data()[0]["runId"]]));
    stop.cancel();
    tracker.close();
    tokio::time::timeout(Duration::from_secs(5), tracker.wait()).await.unwrap();
}
