//! Removing a company while it is at work: what is under way stops, and nothing of the
//! company is left or comes back.

use std::time::Duration;

use axum::body::Body;
use events::NewSource;
use http::{Method, Request, StatusCode};
use model::{Clock as _, CompanyId, Mode, SystemClock};
use sandbox::Fault;
use serde_json::{Value, json};
use store::{Page, PurgePart, ReceiptFilter, RunFilter, Unit, Write};
use stripe::signature::{Secret, sign};

use super::{Server, request};

const SECRET: &str = "whsec_of_the_bees";

/// Starts on events and by hand, and writes to Stripe.
const MAKE: &str = "name: Make\ntrigger: { type: webhook, provider: stripe, events: [payment_intent.created] }\n\
    steps:\n\
    \x20 - { id: made, action: stripe.createCustomer, config: { email: ada@example.com } }\n\
    \x20 - { id: again, action: stripe.createCustomer, config: { email: bob@example.com } }\n";

/// A company with everything that a company can have.
async fn bees(server: &Server) -> CompanyId {
    let made = server.post("/api/v1/companies", None, json!({ "name": "bees" })).await;
    let bees: CompanyId = made.data()["id"].as_str().unwrap().parse().unwrap();
    server.connect(bees).await;
    let source = NewSource {
        account: server.sandbox.account(),
        mode: Mode::Local,
        endpoint: "we_1".into(),
        url: "http://127.0.0.1:7420/webhooks".into(),
        secret: Secret::new(SECRET).unwrap(),
    };
    server.app.sources.put(bees, source).await.unwrap();
    assert_eq!(ask(server, Method::POST, "/workflows", None, json!({ "source": MAKE })).await.0, 201);
    assert_eq!(ask(server, Method::POST, "/workflows/make/activate", None, json!({})).await.0, 200);
    assert_eq!(
        ask(server, Method::POST, "/keys", None, json!({ "name": "k", "scopes": ["admin"] })).await.0,
        201
    );
    bees
}

/// Asks as the installation, for the bees.
async fn ask(server: &Server, method: Method, path: &str, key: Option<&str>, body: Value) -> (u16, Value) {
    let body = if method == Method::DELETE { Body::empty() } else { Body::from(body.to_string()) };
    let mut request = request(method, &format!("/api/v1{path}"), Some(&server.key), body);
    request.headers_mut().insert("bursar-company", "bees".parse().unwrap());
    if let Some(key) = key {
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    }
    let reply = server.send(request).await;
    (reply.status.as_u16(), reply.body)
}

fn delivery(of: CompanyId, id: &str) -> Request<Body> {
    let created = SystemClock.now().as_second();
    let body = json!({ "id": id, "object": "event", "type": "payment_intent.created", "created": created,
                       "livemode": false, "data": { "object": { "id": "pi_1" } } })
    .to_string();
    let signature = sign(&[Secret::new(SECRET).unwrap()], body.as_bytes(), SystemClock.now());
    let mut request = request(Method::POST, &format!("/webhooks/stripe/{of}"), None, Body::from(body));
    request.headers_mut().insert("stripe-signature", signature.parse().unwrap());
    request
}

async fn remove(server: &Server) -> (u16, Value) {
    let path = "/api/v1/companies/bees?force=true";
    let reply = server.send(request(Method::DELETE, path, Some(&server.key), Body::empty())).await;
    (reply.status.as_u16(), reply.body)
}

/// Everything in the store that is a company's.
async fn left(server: &Server, of: CompanyId) -> Vec<String> {
    let store = &server.app.store;
    let mut left = Vec::new();
    let mut note = |what: &str, n: usize| {
        if n > 0 {
            left.push(format!("{n} {what}"));
        }
    };
    note("companies", usize::from(store.company(&of.to_string()).await.unwrap().is_some()));
    note("keys", store.api_keys(of).await.unwrap().len());
    note("sources", store.sources(Some(of)).await.unwrap().len());
    note("connections", store.connections(of).await.unwrap().len());
    note("workflows", store.workflows(of).await.unwrap().len());
    let (runs, receipts) = (Page { limit: 100, after: None }, Page { limit: 100, after: None });
    note("runs", store.runs(of, RunFilter::default(), runs).await.unwrap().rows.len());
    note("receipts", store.receipts(of, ReceiptFilter::default(), receipts).await.unwrap().rows.len());
    note("audit", store.audit(of, Page { limit: 100, after: None }).await.unwrap().rows.len());
    let open = store.open_intents().await.unwrap();
    note("intents", open.iter().filter(|intent| intent.binding.company == of).count());
    let keys = store.data_keys().await.unwrap();
    note("data keys", keys.iter().filter(|key| key.id.starts_with(&of.to_string())).count());
    left
}

/// Waits until nothing is driven any more.
async fn idle(server: &Server) {
    let idle = server.app.driver.drive_until_idle();
    tokio::time::timeout(Duration::from_secs(60), idle).await.expect("somebody drives on what is gone");
}

async fn until(what: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if what().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not happen");
}

#[tokio::test]
async fn a_company_that_goes_while_its_runs_are_driven_leaves_nothing_and_nothing_comes_back() {
    let server = Server::new().await;
    let bees = bees(&server).await;
    // Stripe is busy with each of their writes, for as long as anybody asks.
    server.sandbox.fault_at(Fault::Conflict409, 10_000, Some("POST"), Some("/v1/customers"));
    for n in 0..3 {
        let received = server.send(delivery(bees, &format!("evt_{n}"))).await;
        assert_eq!(received.status, StatusCode::OK, "{received:?}");
    }
    while server.app.dispatcher.step().await.unwrap() > 0 {}
    // All are under way: each has noted its write, and none can settle it.
    let store = &server.app.store;
    until(async || store.open_intents().await.unwrap().len() == 3).await;
    let path = "/api/v1/companies/bees";
    let kept = server.send(request(Method::DELETE, path, Some(&server.key), Body::empty())).await;
    assert_eq!((kept.code(), &kept.body["error"]["details"]["openRuns"]), ("conflict", &json!(3)));

    let (status, body) = remove(&server).await;
    assert_eq!(status, 200, "{body}");
    let removed = &body["meta"]["removed"];
    for (table, rows) in [("receipts", 3), ("runs", 3), ("intents", 3), ("sources", 1), ("companies", 1)] {
        assert_eq!(removed[table], json!(rows), "{removed}");
    }
    idle(&server).await;
    assert_eq!(left(&server, bees).await, [""; 0]);
    // Whoever still comes is told so, and leaves no trace.
    let late = server.send(delivery(bees, "evt_9")).await;
    assert_eq!((late.status, late.code()), (StatusCode::BAD_REQUEST, "invalid_signature"));
    assert_eq!(ask(&server, Method::POST, "/workflows", None, json!({ "source": MAKE })).await.0, 404);
    assert!(server.app.vault.keyring(bees).await.is_err(), "no key is made for what is gone");
    assert_eq!(left(&server, bees).await, [""; 0]);
    // The others go on.
    server.sandbox.fault_at(Fault::Conflict409, 0, Some("POST"), Some("/v1/customers"));
    assert_eq!(server.get("/api/v1/companies").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_write_that_stripe_answers_after_the_purge_settles_nothing() {
    let server = Server::new().await;
    let bees = bees(&server).await;
    server.sandbox.fault_at(Fault::Slow { ms: 1_500 }, 1, Some("POST"), Some("/v1/customers"));
    assert_eq!(server.send(delivery(bees, "evt_1")).await.status, StatusCode::OK);
    server.app.dispatcher.step().await.unwrap();
    let store = &server.app.store;
    until(async || store.open_intents().await.unwrap().len() == 1).await;
    assert_eq!(remove(&server).await.0, 200);
    idle(&server).await;
    assert_eq!(left(&server, bees).await, [""; 0]);
    assert!(server.sandbox.objects("customer").len() <= 1, "and nothing follows it");
}

#[tokio::test]
async fn a_removal_that_stopped_half_way_is_gone_on_with() {
    let server = Server::new().await;
    let bees = bees(&server).await;
    assert_eq!(server.send(delivery(bees, "evt_1")).await.status, StatusCode::OK);
    let first = Write::Purge { company: bees, part: PurgePart::ApiKeys, limit: 9 };
    server.app.store.commit(Unit::background(vec![first])).await.unwrap();
    // It is still there to be named, and nothing can be added to it.
    assert_eq!(ask(&server, Method::GET, "/workflows", None, Value::Null).await.0, 200);
    let refused = server.send(delivery(bees, "evt_2")).await;
    assert_eq!(refused.code(), "not_found");
    let (status, body) =
        ask(&server, Method::POST, "/keys", None, json!({ "name": "x", "scopes": ["admin"] })).await;
    assert_eq!((status, &body["error"]["code"]), (409, &json!("conflict")), "{body}");
    let (status, body) = remove(&server).await;
    assert_eq!((status, &body["meta"]["removed"]["receipts"]), (200, &json!(1)), "{body}");
    idle(&server).await;
    assert_eq!(left(&server, bees).await, [""; 0]);
}
