//! A connection's API version over HTTP: the call's comes first, then the connection's,
//! then the pinned one; and what was begun is not changed by it.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use stripe::{PINNED, Version};

use super::{Reply, Server, request};

const ACACIA: &str = "2025-02-24.acacia";
const CLOVER: &str = "2026-02-25.clover";

impl Server {
    async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(request(Method::PUT, path, Some(&self.key), axum::body::Body::from(body.to_string()))).await
    }

    /// The connection, by its id.
    async fn connection(&self) -> String {
        let all = self.get("/api/v1/connections").await;
        format!("/api/v1/connections/{}", all.data()[0]["id"].as_str().unwrap())
    }

    async fn speaks(&self, version: Value) {
        let connection = self.connection().await;
        let changed = self.put(&connection, &json!({ "apiVersion": version })).await;
        assert_eq!(changed.data()["apiVersion"], version);
        assert_eq!(self.get(&connection).await.data()["apiVersion"], version);
        assert_eq!(self.get("/api/v1/connections").await.data()[0]["apiVersion"], version);
    }

    /// The version that a call would go out under.
    async fn goes_under(&self, config: Value) -> Value {
        let body = json!({ "config": config, "dryRun": true });
        self.post("/api/v1/actions/stripe.listCustomers", None, body).await.data()["stripeVersion"].clone()
    }
}

#[tokio::test]
async fn a_calls_version_comes_before_the_connections_and_that_before_the_pinned_one() {
    let server = Server::new().await;
    assert_eq!(server.goes_under(json!({})).await, PINNED.as_str());
    server.speaks(json!(ACACIA)).await;
    assert_eq!(server.goes_under(json!({})).await, ACACIA);
    assert_eq!(server.goes_under(json!({ "apiVersion": CLOVER })).await, CLOVER);
    server.speaks(Value::Null).await;
    assert_eq!(server.goes_under(json!({})).await, PINNED.as_str());
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_refused_with_the_list_and_changes_nothing() {
    let server = Server::new().await;
    server.speaks(json!(ACACIA)).await;
    let connection = server.connection().await;
    let new = json!({ "name": "x", "apiKey": "sk_test_x", "apiVersion": "2019-01-01" });
    for refused in [
        server.put(&connection, &json!({ "apiVersion": "2019-01-01" })).await,
        server.post("/api/v1/connections", None, new).await,
    ] {
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "validation_error"));
        assert_eq!(refused.body["error"]["field"], "apiVersion");
        let allowed = refused.body["error"]["details"]["allowed"].as_array().unwrap().len();
        assert_eq!(allowed, Version::all().count());
    }
    assert_eq!(server.get(&connection).await.data()["apiVersion"], ACACIA);
    assert_eq!(server.put(&connection, &json!({ "apiVersion": 5 })).await.code(), "validation_error");
}

/// The same key and input are the same call, also when the connection speaks another
/// version by now: under which the input would be another request, or none.
#[tokio::test]
async fn a_repeated_key_finds_the_call_of_the_version_before() {
    let server = Server::new().await;
    for (action, key, config) in [
        // Goes out under another name from endive on.
        (
            "stripe.createPaymentIntent",
            "renamed",
            json!({ "amount": 500, "currency": "usd", "paymentMethodTypes": ["card"] }),
        ),
        // Is gone since.
        ("stripe.updateCustomer", "gone", json!({ "customerId": "cus_none", "coupon": "summer" })),
    ] {
        let path = format!("/api/v1/actions/{action}");
        let body = json!({ "config": config });
        server.speaks(json!(ACACIA)).await;
        let first = server.post(&path, Some(key), body.clone()).await;
        server.speaks(Value::Null).await;
        let sent = server.sandbox.journal().len();
        let again = server.post(&path, Some(key), body.clone()).await;
        assert_eq!(first.status, again.status, "{again:?}");
        assert_eq!(call_of(&first), call_of(&again), "{action}");
        assert_eq!(server.sandbox.journal().len(), sent, "{action} went out again");
        let other = json!({ "config": { "amount": 700, "currency": "usd", "customerId": "cus_none" } });
        let other = server.post(&path, Some(key), other).await;
        assert!(matches!(other.code(), "conflict" | "validation_error"), "{other:?}");
    }
}

fn call_of(reply: &Reply) -> &Value {
    let meta =
        if reply.body["success"] == true { &reply.body["meta"] } else { &reply.body["error"]["details"] };
    &meta["callId"]
}
