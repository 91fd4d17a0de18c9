//! Calling actions, and what is known of it afterwards.

use http::StatusCode;
use model::IdempotencyKey;
use serde_json::{Value, json};

use super::Server;

const CREATE: &str = "/api/v1/actions/stripe.createCustomer";

fn executions(server: &Server, call: &Value) -> u32 {
    server.sandbox.executions(&IdempotencyKey::from_text(call["idempotencyKey"].as_str().unwrap()))
}

#[tokio::test]
async fn a_write_without_a_key_is_offered_one_and_nothing_is_sent() {
    let server = Server::new().await;
    let body = json!({ "config": { "email": "ada@example.com" } });
    let before = server.sandbox.journal().len();
    let reply = server.post(CREATE, None, body.clone()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "idempotency_key_required"));
    assert_eq!(server.sandbox.journal().len(), before);
    let offered = reply.body["error"]["details"]["idempotencyKey"].as_str().unwrap();
    let reply = server.post(CREATE, Some(offered), body).await;
    assert_eq!(reply.data()["object"], "customer");
}

#[tokio::test]
async fn the_same_key_gives_the_same_call_and_another_input_is_refused() {
    let server = Server::new().await;
    let body = json!({ "config": { "email": "ada@example.com" } });
    let first = server.post(CREATE, Some("order-7"), body.clone()).await;
    let again = server.post("/api/v1/actions/createCustomer", Some("order-7"), body).await;
    assert_eq!(first.data(), again.data());
    assert_eq!(first.body["meta"]["replayed"], json!(false));
    assert_eq!(again.body["meta"]["replayed"], json!(true));
    assert_eq!(first.body["meta"]["idempotencyKey"], "order-7");
    assert_eq!(first.body["meta"]["callId"], again.body["meta"]["callId"]);
    assert!(first.body["meta"]["stripeRequestId"].is_string());

    let other = server.post(CREATE, Some("order-7"), json!({ "config": { "email": "b@example.com" } })).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "conflict"));

    let id = first.body["meta"]["callId"].as_str().unwrap();
    let call = server.get(&format!("/api/v1/calls/{id}")).await;
    assert_eq!(call.data()["status"], "done");
    assert_eq!(call.data()["key"], "order-7");
    assert_eq!(call.data()["output"]["id"], first.data()["id"]);
    assert_eq!(executions(&server, call.data()), 1);
}

#[tokio::test]
async fn a_call_is_found_by_either_key_and_by_its_own_company_only() {
    let server = Server::new().await;
    server.post(CREATE, Some("order-8"), json!({ "config": {} })).await.data();
    let by_ours = server.get("/api/v1/calls?key=order-8").await;
    let call = &by_ours.data()[0];
    let sent = call["idempotencyKey"].as_str().unwrap();
    assert_eq!(server.get(&format!("/api/v1/calls?key={sent}")).await.data()[0]["id"], call["id"]);
    assert_eq!(server.get("/api/v1/calls?key=order-9").await.data(), &json!([]));
    assert_eq!(server.get("/api/v1/calls").await.code(), "validation_error");

    let other = crate::ensure_company(&server.app, "other").await.unwrap();
    let key = crate::issue_key(&server.app, other.id, "theirs", &["admin"]).await.unwrap().text;
    let path = format!("/api/v1/calls/{}", call["id"].as_str().unwrap());
    let sent = format!("/api/v1/calls?key={sent}");
    let theirs = Server { key, ..server };
    assert_eq!(theirs.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.get(&sent).await.data(), &json!([]));
}

#[tokio::test]
async fn a_dry_run_shows_the_request_and_sends_nothing() {
    let server = Server::new().await;
    let before = server.sandbox.journal().len();
    let reply =
        server.post(CREATE, None, json!({ "config": { "email": "a@example.com" }, "dryRun": true })).await;
    let data = reply.data();
    assert_eq!((&data["method"], &data["path"]), (&json!("POST"), &json!("/v1/customers")));
    assert_eq!(data["params"]["email"], "a@example.com");
    assert_eq!(server.sandbox.journal().len(), before);
}

#[tokio::test]
async fn a_dry_run_shows_no_card_number_either() {
    let server = Server::new().await;
    for (number, shown) in [("4111111111111111", false), ("4000000000000036", true)] {
        let card = json!({ "number": number, "exp_month": "1", "exp_year": "2030" });
        let config = json!({ "method": "POST", "path": "/v1/tokens", "params": { "card": card } });
        let body = json!({ "config": config, "dryRun": true });
        let reply = server.post("/api/v1/actions/stripe.request", None, body).await;
        assert_eq!(
            (reply.status == StatusCode::OK, reply.text.contains(number)),
            (shown, shown),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_input_names_the_field_and_the_nearest_name() {
    let server = Server::new().await;
    let reply = server.post(CREATE, Some("k"), json!({ "config": { "emial": "x" } })).await;
    assert_eq!(reply.code(), "validation_error");
    assert_eq!(reply.body["error"]["field"], "config.emial");
    assert!(reply.body["error"]["message"].as_str().unwrap().contains("email"), "{reply:?}");
    let reply = server.post(CREATE, Some("k"), json!({ "conifg": {} })).await;
    assert!(reply.body["error"]["message"].as_str().unwrap().contains("`config`"), "{reply:?}");
    let reply = server.post("/api/v1/actions/stripe.createCustmer", Some("k"), json!({})).await;
    assert_eq!(reply.code(), "not_found");
    assert!(reply.body["error"]["message"].as_str().unwrap().contains("stripe.createCustomer"), "{reply:?}");
    let reply = server.post(CREATE, Some("k"), json!({ "connectionId": "acme" })).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "connection_required"));
}

#[tokio::test]
async fn a_key_that_may_only_read_cannot_write() {
    let server = Server::new().await;
    let read = server.key(&["actions:read"]).await;
    let server = Server { key: read, ..server };
    let reply = server.post(CREATE, Some("k"), json!({})).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
    let reply = server.post("/api/v1/actions/stripe.listInvoices", None, json!({})).await;
    assert!(reply.data()["data"].is_array());
}

#[tokio::test]
async fn what_stripe_refuses_is_shown_unchanged_with_its_call() {
    let server = Server::new().await;
    let body = json!({ "config": { "customerId": "cus_nobody" } });
    let reply = server.post("/api/v1/actions/stripe.getCustomer", None, body).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::NOT_FOUND, "resource_missing"));
    assert_eq!(reply.body["error"]["stripe"]["code"], "resource_missing");
    let body = json!({ "config": { "customerId": "cus_nobody" } });
    let reply = server.post("/api/v1/actions/stripe.createInvoice", Some("k"), body).await;
    assert_eq!(reply.body["error"]["details"]["idempotencyKey"], "k");
    let id = reply.body["error"]["details"]["callId"].as_str().unwrap();
    assert_eq!(server.get(&format!("/api/v1/calls/{id}")).await.data()["status"], "rejected");
}

#[tokio::test]
async fn the_catalog_shows_what_an_action_takes() {
    let server = Server::new().await;
    let list = server.get("/api/v1/actions?search=INVOICE").await;
    assert!(list.data().as_array().unwrap().len() > 3);
    let shown = server.get("/api/v1/actions/stripe.createInvoice").await;
    let action = shown.data();
    assert_eq!(action["effect"], "keyed_write");
    assert_eq!(action["inputSchema"]["type"], "object");
    assert!(action["outputSchema"].is_object() && action["example"].is_object());
    assert_eq!(action["needs"]["restrictedKey"]["permission"], "rak_invoice_write");
    for row in list.data().as_array().unwrap() {
        let needs = &row["needs"];
        assert!(needs["appPermission"].is_string() && needs["connectScope"].is_string(), "{row:#}");
    }
    let triggers = server.get("/api/v1/triggers?search=invoice.paid").await;
    let needs = json!({
        "restrictedKey": ["rak_event_read", "rak_invoice_read"],
        "connectScope": "read_only",
        "appPermissions": ["event_read", "invoice_read"],
    });
    let paid = json!({"type": "invoice.paid", "objects": ["Invoice"], "sandbox": true, "needs": needs});
    assert_eq!(triggers.data()[1]["events"], json!([paid]));
    let elsewhere = server.get("/api/v1/triggers?search=radar.early_fraud_warning.created").await;
    assert_eq!(elsewhere.data()[1]["events"][0]["sandbox"], false);
}
