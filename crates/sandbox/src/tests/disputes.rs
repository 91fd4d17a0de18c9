//! Disputes: from test cards and by command, their money, and their end.

use serde_json::{Value, json};

use super::{client::*, subscribing::DAY_MS};
use crate::Sandbox;

/// A disputed payment of 50.00 USD, and its dispute.
async fn disputed(sandbox: &Sandbox, card: &str) -> Value {
    let params = json!({"amount": 5000, "currency": "usd", "confirm": true, "payment_method": card});
    let intent = post(sandbox, "/v1/payment_intents", params).await.ok();
    let listed = get(sandbox, &format!("/v1/disputes?payment_intent={}", id(&intent))).await.ok();
    let dispute = listed["data"][0].clone();
    assert_eq!(dispute["charge"], intent["latest_charge"]);
    assert_eq!(sandbox.object(dispute["charge"].as_str().unwrap()).unwrap()["disputed"], true);
    dispute
}

/// What the account has in all.
fn net(sandbox: &Sandbox) -> i64 {
    sandbox.objects("balance_transaction").iter().map(|t| t["net"].as_i64().unwrap()).sum()
}

fn told(sandbox: &Sandbox) -> Vec<String> {
    event_types(sandbox).into_iter().filter(|kind| kind.starts_with("charge.dispute.")).collect()
}

#[tokio::test]
async fn a_dispute_takes_the_amount_and_a_fee_and_gives_back_the_amount_when_it_is_won() {
    let (sandbox, _) = quiet(1).await;
    let dispute = disputed(&sandbox, "pm_card_createDispute").await;
    assert_eq!((&dispute["status"], &dispute["reason"]), (&json!("needs_response"), &json!("fraudulent")));
    let paid = 5000 - 175;
    assert_eq!(net(&sandbox), paid - 5000 - 1500);
    let refused = post(&sandbox, "/v1/refunds", json!({"charge": dispute["charge"]})).await.error(400);
    assert_eq!(refused["code"], "charge_disputed");
    let path = format!("/v1/disputes/{}", id(&dispute));
    let draft = json!({"evidence": {"customer_name": "Ada"}, "submit": false});
    let saved = post(&sandbox, &path, draft).await.ok();
    assert_eq!(
        (&saved["status"], &saved["evidence_details"]["has_evidence"]),
        (&json!("needs_response"), &json!(true))
    );
    let wins = json!({"evidence": {"uncategorized_text": "winning_evidence"}});
    let won = post(&sandbox, &path, wins).await.ok();
    assert_eq!((&won["status"], &won["evidence_details"]["submission_count"]), (&json!("won"), &json!(1)));
    assert_eq!(won["balance_transactions"].as_array().unwrap().len(), 2);
    assert_eq!(net(&sandbox), paid - 1500);
    assert_eq!(
        told(&sandbox),
        ["created", "funds_withdrawn", "updated", "updated", "closed", "funds_reinstated"]
            .map(|k| format!("charge.dispute.{k}"))
    );
    let late = post(&sandbox, &path, json!({"evidence": {"customer_name": "Eve"}})).await.error(400);
    assert!(late["message"].as_str().unwrap().contains("already closed"), "{late}");
}

#[tokio::test]
async fn a_dispute_that_is_given_in_or_not_answered_in_time_is_lost() {
    let (sandbox, _) = quiet(2).await;
    let closed = disputed(&sandbox, "pm_card_createDisputeProductNotReceived").await;
    let path = format!("/v1/disputes/{}/close", id(&closed));
    assert_eq!(post(&sandbox, &path, json!({})).await.ok()["status"], "lost");
    post(&sandbox, &path, json!({})).await.error(400);
    let forgotten = disputed(&sandbox, "pm_card_createDispute").await;
    sandbox.advance_ms(9 * DAY_MS).await;
    assert_eq!(sandbox.object(&id(&forgotten)).unwrap()["status"], "needs_response");
    sandbox.advance_ms(DAY_MS).await;
    let lost = sandbox.object(&id(&forgotten)).unwrap();
    assert_eq!((&lost["status"], &lost["evidence_details"]["past_due"]), (&json!("lost"), &json!(true)));
}

#[tokio::test]
async fn an_inquiry_moves_no_money_and_is_closed() {
    let (sandbox, _) = quiet(3).await;
    let dispute = disputed(&sandbox, "pm_card_createDisputeInquiry").await;
    assert_eq!(
        (&dispute["status"], &dispute["is_charge_refundable"]),
        (&json!("warning_needs_response"), &json!(true))
    );
    assert_eq!(dispute["balance_transactions"], json!([]));
    assert_eq!(dispute["payment_method_details"]["card"]["case_type"], "inquiry");
    post(&sandbox, "/v1/refunds", json!({"charge": dispute["charge"], "amount": 100})).await.ok();
    let path = format!("/v1/disputes/{}", id(&dispute));
    let answered = post(&sandbox, &path, json!({"evidence": {"receipt": "file_1"}})).await.ok();
    assert_eq!(answered["status"], "warning_under_review");
    let closed = sandbox.decide_dispute(&id(&dispute), true).await.unwrap();
    assert_eq!(closed["status"], "warning_closed");
    assert_eq!(told(&sandbox), ["created", "updated", "closed"].map(|k| format!("charge.dispute.{k}")));
}

#[tokio::test]
async fn a_bank_disputes_and_decides_by_command() {
    let (sandbox, _) = quiet(4).await;
    let params =
        json!({"amount": 5000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa"});
    let charge = post(&sandbox, "/v1/payment_intents", params).await.ok()["latest_charge"].clone();
    let charge = charge.as_str().unwrap();
    let wrong = sandbox.dispute(charge, "because").await.unwrap_err();
    assert_eq!(wrong["error"]["param"], "reason");
    let dispute = sandbox.dispute(charge, "duplicate").await.unwrap();
    assert!(sandbox.dispute(charge, "duplicate").await.is_err(), "once is enough");
    let path = format!("/v1/disputes/{}", id(&dispute));
    let sent =
        post(&sandbox, &path, json!({"evidence": {"duplicate_charge_explanation": "two orders"}})).await.ok();
    assert_eq!(sent["status"], "under_review");
    post(&sandbox, &format!("{path}/close"), json!({})).await.error(400);
    assert_eq!(sandbox.decide_dispute(&id(&dispute), false).await.unwrap()["status"], "lost");
    assert!(sandbox.decide_dispute(&id(&dispute), true).await.is_err());
    let event = sandbox.events().pop().unwrap();
    assert_eq!((&event["type"], &event["request"]["id"]), (&json!("charge.dispute.closed"), &Value::Null));
}
