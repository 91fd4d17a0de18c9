//! Every fault: what it answers, and what it leaves.

use model::IdempotencyKey;
use serde_json::json;
use stripe::Attempt;

use super::client::*;
use crate::{Fault, Sandbox};

fn count(sandbox: &Sandbox, key: &str) -> u32 {
    sandbox.executions(&IdempotencyKey::from_text(key))
}

async fn create(sandbox: &Sandbox, key: &str) -> Attempt {
    attempt(sandbox, &post_request("/v1/customers", &json!({}), key)).await
}

#[tokio::test]
async fn a_lost_answer_was_executed_once_and_is_replayed() {
    let (sandbox, _) = quiet(1).await;
    sandbox.fault(Fault::LostAnswer, 2);
    assert!(matches!(create(&sandbox, "k").await, Attempt::Broken(_)));
    assert_eq!((count(&sandbox, "k"), sandbox.objects("customer").len()), (1, 1));
    assert!(matches!(create(&sandbox, "k").await, Attempt::Broken(_)), "the replay is lost too");
    let third = keyed(&sandbox, "/v1/customers", json!({}), "k").await;
    assert!(third.headers.replayed);
    assert_eq!((count(&sandbox, "k"), sandbox.objects("customer").len()), (1, 1));
}

#[tokio::test]
async fn a_reset_executes_nothing() {
    let (sandbox, _) = quiet(2).await;
    sandbox.fault(Fault::Reset, 1);
    assert!(matches!(create(&sandbox, "k").await, Attempt::Broken(_)));
    assert_eq!((count(&sandbox, "k"), sandbox.objects("customer").len()), (0, 0));
    assert!(!keyed(&sandbox, "/v1/customers", json!({}), "k").await.headers.replayed);
}

#[tokio::test]
async fn a_stored_500_is_replayed_whether_or_not_it_did_anything() {
    for (fault, done) in [(Fault::Stored500, 0), (Fault::Stored500AfterCommit, 1)] {
        let (sandbox, _) = quiet(3).await;
        sandbox.fault(fault, 1);
        let first = keyed(&sandbox, "/v1/customers", json!({}), "k").await;
        let second = keyed(&sandbox, "/v1/customers", json!({}), "k").await;
        assert!(second.headers.replayed);
        assert_eq!(first.error(500)["type"], "api_error");
        second.error(500);
        assert_eq!((count(&sandbox, "k"), sandbox.objects("customer").len()), (done, done as usize));
    }
}

#[tokio::test]
async fn limits_say_their_reason_and_a_lock_has_none() {
    let (sandbox, _) = quiet(4).await;
    sandbox.fault(Fault::RateLimited { reason: "endpoint-concurrency".into() }, 1);
    let limited = keyed(&sandbox, "/v1/customers", json!({}), "k").await;
    assert_eq!(limited.headers.rate_limited_reason.as_deref(), Some("endpoint-concurrency"));
    assert_eq!(limited.error(429)["code"], "rate_limit");
    sandbox.fault(Fault::LockTimeout, 1);
    let locked = keyed(&sandbox, "/v1/customers", json!({}), "k").await;
    assert_eq!(locked.headers.rate_limited_reason, None);
    assert_eq!(locked.error(429)["code"], "lock_timeout");
    sandbox.fault(Fault::Conflict409, 1);
    assert_eq!(
        keyed(&sandbox, "/v1/customers", json!({}), "k").await.error(409)["code"],
        "idempotency_key_in_use"
    );
    assert_eq!(count(&sandbox, "k"), 0);
}

#[tokio::test]
async fn a_fault_meets_only_what_it_is_aimed_at() {
    let (sandbox, _) = quiet(5).await;
    let customer = id(&keyed(&sandbox, "/v1/customers", json!({}), "a").await.ok());
    sandbox.fault_at(Fault::LockTimeout, 1, Some("POST"), Some("/v1/invoices/*/finalize"));
    sandbox.fault_at(Fault::Conflict409, 1, Some("GET"), None);
    let invoice = id(&keyed(&sandbox, "/v1/invoices", json!({"customer": customer}), "b").await.ok());
    get(&sandbox, "/v1/customers").await.error(409);
    get(&sandbox, "/v1/customers").await.ok();
    let path = format!("/v1/invoices/{invoice}/finalize");
    keyed(&sandbox, &path, json!({}), "c").await.error(429);
    keyed(&sandbox, &path, json!({}), "c").await.ok();
    let faults: Vec<_> = sandbox.journal().into_iter().filter_map(|entry| entry.fault).collect();
    assert_eq!(faults, ["409", "lock_timeout"]);
}

#[tokio::test]
async fn a_lost_delete_has_happened() {
    let (sandbox, _) = quiet(6).await;
    let customer = id(&keyed(&sandbox, "/v1/customers", json!({}), "k").await.ok());
    sandbox.fault(Fault::LostAnswer, 1);
    let path = format!("/v1/customers/{customer}");
    let request = stripe::Request {
        operation: stripe::tables::operation("customers.del").unwrap(),
        path: path.clone(),
        form: bytes::Bytes::new(),
        version: stripe::PINNED,
        account: None,
        kind: stripe::Kind::Delete,
    };
    assert!(matches!(attempt(&sandbox, &request).await, Attempt::Broken(_)));
    assert_eq!(get(&sandbox, &path).await.ok()["deleted"], true);
    assert_eq!(delete(&sandbox, &path).await.error(404)["code"], "resource_missing");
}
