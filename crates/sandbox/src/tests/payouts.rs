//! Payouts: what is available leaves, arrives, comes back.

use serde_json::{Value, json};

use super::{client::*, subscribing::DAY_MS};
use crate::Sandbox;

/// A sandbox with 96.80 USD to pay out.
async fn rich(seed: u64) -> crate::Watched {
    let (sandbox, _) = quiet(seed).await;
    let params = json!({"amount": 10_000, "currency": "usd", "confirm": true, "payment_method": "pm_card_bypassPending"});
    post(&sandbox, "/v1/payment_intents", params).await.ok();
    sandbox
}

async fn payout(sandbox: &Sandbox, amount: i64) -> Value {
    post(sandbox, "/v1/payouts", json!({"amount": amount, "currency": "usd"})).await.ok()
}

async fn available(sandbox: &Sandbox) -> i64 {
    get(sandbox, "/v1/balance").await.ok()["available"][0]["amount"].as_i64().unwrap()
}

fn status(sandbox: &Sandbox, payout: &Value) -> Value {
    sandbox.object(&id(payout)).unwrap()["status"].clone()
}

#[tokio::test]
async fn a_payout_leaves_at_midnight_and_arrives_on_its_day() {
    let sandbox = rich(1).await;
    let made = payout(&sandbox, 4000).await;
    assert_eq!((&made["status"], &made["automatic"]), (&json!("pending"), &json!(false)));
    assert_eq!(available(&sandbox).await, 9680 - 4000);
    sandbox.advance_ms(DAY_MS).await;
    assert_eq!(status(&sandbox, &made), "in_transit");
    let late = post(&sandbox, &format!("/v1/payouts/{}/cancel", id(&made)), json!({})).await.error(400);
    assert!(late["message"].as_str().unwrap().contains("in_transit"), "{late}");
    sandbox.advance_ms(4 * DAY_MS).await;
    assert_eq!(status(&sandbox, &made), "paid");
    let told: Vec<String> =
        event_types(&sandbox).into_iter().filter(|kind| kind.starts_with("payout.")).collect();
    assert_eq!(told, ["payout.created", "payout.updated", "payout.paid"]);
    let back = post(&sandbox, &format!("/v1/payouts/{}/reverse", id(&made)), json!({})).await.ok();
    assert_eq!((&back["amount"], &back["original_payout"]), (&json!(-4000), &made["id"]));
    assert_eq!(available(&sandbox).await, 9680);
    post(&sandbox, &format!("/v1/payouts/{}/reverse", id(&made)), json!({})).await.error(400);
}

#[tokio::test]
async fn what_is_canceled_or_sent_back_is_available_again() {
    let sandbox = rich(2).await;
    let (canceled, failed) = (payout(&sandbox, 4000).await, payout(&sandbox, 5000).await);
    assert_eq!(available(&sandbox).await, 680);
    let gone = post(&sandbox, &format!("/v1/payouts/{}/cancel", id(&canceled)), json!({})).await.ok();
    assert_eq!(gone["status"], "canceled");
    assert_eq!(available(&sandbox).await, 4680);
    let back = sandbox.fail_payout(&id(&failed)).await.unwrap();
    assert_eq!((&back["status"], &back["failure_code"]), (&json!("failed"), &json!("account_closed")));
    assert_eq!(available(&sandbox).await, 9680);
    assert!(sandbox.fail_payout(&id(&canceled)).await.is_err());
    sandbox.advance_ms(9 * DAY_MS).await;
    assert_eq!(
        (status(&sandbox, &canceled), status(&sandbox, &failed)),
        (json!("canceled"), json!("failed"))
    );
}

#[tokio::test]
async fn no_more_is_paid_out_than_is_available_in_the_currency() {
    let sandbox = rich(3).await;
    let pending =
        json!({"amount": 9000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa"});
    post(&sandbox, "/v1/payment_intents", pending).await.ok();
    for (amount, currency) in [(9681, "usd"), (50, "eur")] {
        let params = json!({"amount": amount, "currency": currency});
        let refused = post(&sandbox, "/v1/payouts", params).await.error(400);
        assert_eq!((&refused["code"], &refused["param"]), (&json!("balance_insufficient"), &json!("amount")));
    }
    payout(&sandbox, 9680).await;
    assert_eq!(available(&sandbox).await, 0);
}
