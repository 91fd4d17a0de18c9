//! Each row of Stripe's table of idempotency keys.

use serde_json::json;

use super::client::*;
use crate::{Fault, Ran};
use model::IdempotencyKey;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn count(sandbox: &crate::Sandbox, key: &str) -> u32 {
    sandbox.executions(&IdempotencyKey::from_text(key))
}

#[tokio::test]
async fn a_repeat_gets_the_stored_answer_and_does_nothing() {
    let (sandbox, _) = quiet(1).await;
    let params = json!({"name": "Ada", "metadata": {"a": "1", "b": "2"}});
    let first = keyed(&sandbox, "/v1/customers", params, "k").await;
    assert_eq!(first.headers.original_request, first.headers.request_id);
    assert!(!first.headers.replayed);
    // The same parameters in another order are the same request.
    let again = json!({"metadata": {"b": "2", "a": "1"}, "name": "Ada"});
    let second = keyed(&sandbox, "/v1/customers", again, "k").await;
    assert!(second.headers.replayed);
    assert_eq!(second.headers.original_request, first.headers.request_id);
    assert_ne!(second.headers.request_id, first.headers.request_id);
    assert_eq!(second.headers.version, None);
    assert_eq!(second.body, first.body);
    assert_eq!((count(&sandbox, "k"), sandbox.objects("customer").len(), sandbox.events().len()), (1, 1, 1));
    let ran: Vec<Ran> = sandbox.journal().iter().map(|entry| entry.ran).collect();
    assert_eq!(ran, [Ran::Executed, Ran::Replayed]);
}

#[tokio::test]
async fn a_key_is_good_for_one_request_only() {
    let (sandbox, _) = quiet(2).await;
    let customer = id(&keyed(&sandbox, "/v1/customers", json!({"name": "Ada"}), "k").await.ok());
    for (path, params) in [
        ("/v1/customers".to_owned(), json!({"name": "Grace"})),
        (format!("/v1/customers/{customer}"), json!({"name": "Ada"})),
    ] {
        let error = keyed(&sandbox, &path, params, "k").await.error(400);
        assert_eq!(error["type"], "idempotency_error");
        assert!(error.get("code").is_none() && error.get("param").is_none());
    }
    assert_eq!(count(&sandbox, "k"), 1);
}

#[tokio::test(start_paused = true)]
async fn while_a_request_runs_its_key_is_in_use() {
    let (sandbox, _) = quiet(3).await;
    sandbox.fault(Fault::Slow { ms: 500 }, 1);
    let slow = keyed(&sandbox, "/v1/customers", json!({}), "k");
    let quick = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        keyed(&sandbox, "/v1/customers", json!({}), "k").await
    };
    let (slow, quick) = futures_util::future::join(slow, quick).await;
    slow.ok();
    let error = quick.error(409);
    assert_eq!(error["code"], "idempotency_key_in_use");
    assert!(keyed(&sandbox, "/v1/customers", json!({}), "k").await.headers.replayed);
    assert_eq!(count(&sandbox, "k"), 1);
}

#[tokio::test]
async fn what_is_refused_before_execution_leaves_the_key_free() {
    let (sandbox, _) = quiet(4).await;
    keyed(&sandbox, "/v1/customers", json!({"nonsense": "1"}), "k").await.error(400);
    sandbox.fault(Fault::RateLimited { reason: "global-rate".into() }, 1);
    keyed(&sandbox, "/v1/customers", json!({}), "k").await.error(429);
    sandbox.fault(Fault::LockTimeout, 1);
    keyed(&sandbox, "/v1/customers", json!({}), "k").await.error(429);
    assert_eq!(count(&sandbox, "k"), 0);
    let first = keyed(&sandbox, "/v1/customers", json!({}), "k").await;
    assert!(!first.headers.replayed);
    first.ok();
}

#[tokio::test]
async fn refusals_of_execution_are_kept_and_replayed() {
    let (sandbox, _) = quiet(5).await;
    let (_, invoice) = open(&sandbox).await;
    let path = format!("/v1/invoices/{invoice}/pay");
    let params = json!({"payment_method": "pm_card_chargeDeclined"});
    let first = keyed(&sandbox, &path, params.clone(), "pay").await;
    let second = keyed(&sandbox, &path, params, "pay").await;
    assert_eq!((first.status, second.status), (402, 402));
    assert!(second.headers.replayed);
    assert_eq!(first.body, second.body);
    assert_eq!(sandbox.objects("charge").len(), 1);
    let missing = json!({"customer": "cus_none", "amount": 1});
    keyed(&sandbox, "/v1/invoiceitems", missing.clone(), "item").await.error(400);
    assert!(keyed(&sandbox, "/v1/invoiceitems", missing, "item").await.headers.replayed);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_of_the_sandboxs_clock() {
    let (sandbox, _) = quiet(6).await;
    let first = keyed(&sandbox, "/v1/customers", json!({}), "k").await.ok();
    sandbox.advance_ms(DAY_MS - 1).await;
    assert!(keyed(&sandbox, "/v1/customers", json!({}), "k").await.headers.replayed);
    sandbox.advance_ms(1).await;
    let second = keyed(&sandbox, "/v1/customers", json!({}), "k").await.ok();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(count(&sandbox, "k"), 2);
}

#[tokio::test]
async fn a_replay_answers_after_its_object_is_gone() {
    let (sandbox, _) = quiet(7).await;
    let customer = id(&keyed(&sandbox, "/v1/customers", json!({}), "k").await.ok());
    delete(&sandbox, &format!("/v1/customers/{customer}")).await.ok();
    assert_eq!(id(&keyed(&sandbox, "/v1/customers", json!({}), "k").await.ok()), customer);
}

#[tokio::test]
async fn a_key_too_long_is_refused() {
    let (sandbox, _) = quiet(8).await;
    keyed(&sandbox, "/v1/customers", json!({}), &"k".repeat(255)).await.ok();
    keyed(&sandbox, "/v1/customers", json!({}), &"k".repeat(256)).await.error(400);
}
