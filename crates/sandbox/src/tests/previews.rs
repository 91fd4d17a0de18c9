//! Previews: what would be billed, and that it is what then happens.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{client::*, subscribing::*};
use crate::Sandbox;

const PREVIEW: &str = "/v1/invoices/create_preview";

/// What of an invoice a preview foretells: sums, periods and lines, oldest first.
fn told(invoice: &Value) -> Value {
    let line = |line: &Value| json!([line["amount"], line["description"], line["period"], line["quantity"]]);
    let lines: Vec<Value> = invoice["lines"]["data"].as_array().unwrap().iter().map(line).collect();
    json!([
        invoice["subtotal"],
        invoice["total"],
        invoice["amount_due"],
        invoice["ending_balance"],
        invoice["starting_balance"],
        lines
    ])
}

async fn preview(sandbox: &Sandbox, params: Value) -> Value {
    post(sandbox, PREVIEW, params).await.ok()
}

#[tokio::test]
async fn the_next_renewal_is_foretold_with_what_is_pending() {
    let (sandbox, _) = quiet(1).await;
    let (subscription, made) = active(&sandbox).await;
    let extra = json!({"customer": made["customer"], "amount": 77, "currency": "usd"});
    post(&sandbox, "/v1/invoiceitems", extra).await.ok();
    let before = (sandbox.events().len(), sandbox.objects("invoice").len());
    let foretold = preview(&sandbox, json!({"subscription": subscription})).await;
    assert_eq!((&foretold["total"], &foretold["billing_reason"]), (&json!(1077), &json!("upcoming")));
    assert!(foretold["id"].as_str().unwrap().starts_with("upcoming_in_"));
    let of_customer = preview(&sandbox, json!({"customer": made["customer"]})).await;
    assert_eq!(told(&of_customer), told(&foretold));
    assert_eq!((sandbox.events().len(), sandbox.objects("invoice").len()), before, "nothing has happened");
    sandbox.advance_ms(30 * DAY_MS + HOUR_MS).await;
    assert_eq!(told(&latest(&sandbox, &subscription)), told(&foretold));
}

#[tokio::test]
async fn a_new_subscription_and_an_end_are_foretold() {
    let (sandbox, _) = quiet(2).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let details = json!({"items": [{"price": gold, "quantity": 3}]});
    let foretold = preview(&sandbox, json!({"customer": customer, "subscription_details": details})).await;
    let params = json!({"customer": customer, "items": [{"price": gold, "quantity": 3}]});
    let made = id(&post(&sandbox, "/v1/subscriptions", params).await.ok());
    assert_eq!(told(&latest(&sandbox, &made)), told(&foretold));
    let nobody = json!({"customer_details": {"address": {"country": "DE"}}, "subscription_details": details});
    assert_eq!(preview(&sandbox, nobody).await["total"], 3000);
    assert_eq!(sandbox.objects("customer").len(), 1);
    sandbox.advance_ms(15 * DAY_MS).await;
    let cancels = json!({"subscription": made, "subscription_details": {"cancel_now": true}});
    let credit = preview(&sandbox, cancels).await;
    assert_eq!((&credit["total"], &credit["amount_due"]), (&json!(-1500), &json!(0)));
    delete(&sandbox, &format!("{}?prorate=true&invoice_now=true", path(&made))).await.ok();
    assert_eq!(told(&latest(&sandbox, &made)), told(&credit));
    let none = post(&sandbox, PREVIEW, json!({"subscription": made})).await.error(404);
    assert_eq!(none["code"], "invoice_upcoming_none");
    post(&sandbox, PREVIEW, json!({})).await.error(400);
}

#[tokio::test]
async fn the_end_of_a_trial_and_of_a_phase_are_foretold() {
    let (sandbox, _) = quiet(3).await;
    let gold = price(&sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let params = to(&customer, &gold, json!({"trial_period_days": 14}));
    let made = id(&post(&sandbox, "/v1/subscriptions", params).await.ok());
    let foretold = preview(&sandbox, json!({"subscription": made})).await;
    assert_eq!(foretold["total"], 1000);
    let now = json!({"subscription": made, "subscription_details": {"trial_end": "now"}});
    assert_eq!(preview(&sandbox, now).await["total"], 1000);
    let phases = json!([
        {"items": [{"price": gold}], "duration": {"interval": "month"}},
        {"items": [{"price": gold, "quantity": 4}], "duration": {"interval": "month"}},
    ]);
    let schedule = json!({"customer": customer, "start_date": "now", "phases": phases});
    let schedule = id(&post(&sandbox, "/v1/subscription_schedules", schedule).await.ok());
    let next = preview(&sandbox, json!({"schedule": schedule})).await;
    assert_eq!(next["total"], 4000, "the phase comes first");
}

#[derive(Debug, Clone)]
struct Change {
    day: i64,
    quantity: i64,
    other: bool,
    always: bool,
}

fn change() -> impl Strategy<Value = Change> {
    (0..29_i64, 1..6_i64, any::<bool>(), any::<bool>()).prop_map(|(day, quantity, other, always)| Change {
        day,
        quantity,
        other,
        always,
    })
}

/// Changes a subscription on some day, foretold by a preview.
async fn foretold(change: Change) -> (Value, Value) {
    let (sandbox, _) = quiet(4).await;
    let (subscription, made) = active(&sandbox).await;
    let silver = price(&sandbox, "Silver", 777, "month").await;
    sandbox.advance_ms(change.day * DAY_MS).await;
    let mut item = json!({"id": made["items"]["data"][0]["id"], "quantity": change.quantity});
    if change.other {
        item["price"] = json!(silver);
    }
    let behavior = if change.always { "always_invoice" } else { "create_prorations" };
    let details = json!({"items": [item], "proration_behavior": behavior});
    let params = json!({"subscription": subscription, "subscription_details": details});
    let foretold = preview(&sandbox, params).await;
    post(&sandbox, &path(&subscription), details).await.ok();
    if latest(&sandbox, &subscription)["billing_reason"] == "subscription_create" {
        sandbox.advance_ms((30 - change.day) * DAY_MS + HOUR_MS).await;
    }
    (told(&foretold), told(&latest(&sandbox, &subscription)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_change_is_billed_as_its_preview_said(change in change()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (foretold, happened) = runtime.block_on(foretold(change.clone()));
        prop_assert_eq!(foretold, happened, "{:?}", change);
    }

    #[test]
    fn a_change_that_is_undone_at_once_costs_nothing(change in change()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let left = runtime.block_on(async {
            let (sandbox, _) = quiet(5).await;
            let gold = price(&sandbox, "Gold", 1000 + change.quantity, "month").await;
            let (customer, _) = payer(&sandbox, "pm_card_visa").await;
            let stub = json!({"billing_cycle_anchor": NOON + 86_400 * (change.day + 1)});
            let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, stub)).await.ok();
            sandbox.advance_ms(change.day * DAY_MS / 2 + 12_345_000).await;
            let silver = price(&sandbox, "Silver", 777, "month").await;
            let item = &made["items"]["data"][0]["id"];
            let to = if change.other { &silver } else { &gold };
            for wanted in [json!({"id": item, "price": to, "quantity": change.quantity}), json!({"id": item, "price": gold, "quantity": 1})] {
                post(&sandbox, &path(&id(&made)), json!({"items": [wanted]})).await.ok();
            }
            sandbox.objects("invoiceitem").iter().map(|one| one["amount"].as_i64().unwrap()).sum::<i64>()
        });
        prop_assert_eq!(left, 0, "{:?}", change);
    }
}
