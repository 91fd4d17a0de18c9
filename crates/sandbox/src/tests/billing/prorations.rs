//! Prorations carry discounts and taxes, and undoing one sums to zero.

use super::{super::subscribing::*, *};

/// The totals of all invoices after the first, and what still waits on items.
fn after_the_first(sandbox: &Sandbox) -> i64 {
    let invoices: i64 = sandbox.objects("invoice").iter().skip(1).map(|one| int(one, "total")).sum();
    let waits = |item: &Value| item["invoice"].is_null();
    assert!(!sandbox.objects("invoiceitem").iter().any(waits), "everything was invoiced");
    invoices
}

async fn change(sandbox: &Sandbox, subscription: &Value, more: Value) {
    let mut params = more;
    params["proration_behavior"] = json!("always_invoice");
    post(sandbox, &path(&id(subscription)), params).await.ok();
}

#[tokio::test]
async fn a_credit_is_what_was_paid_with_its_discount_and_its_tax() {
    let (sandbox, _) = quiet(61).await;
    let fifth = coupon(&sandbox, json!({"percent_off": 20, "duration": "forever"})).await;
    let tax = rate(&sandbox, 10, false).await;
    let (gold, lead) =
        (price(&sandbox, "Gold", 3000, "month").await, price(&sandbox, "Lead", 6000, "month").await);
    let (customer, _) = payer(&sandbox, "pm_card_visa").await;
    let more = json!({"discounts": [{"coupon": fifth}], "default_tax_rates": [tax]});
    let made = post(&sandbox, "/v1/subscriptions", to(&customer, &gold, more)).await.ok();
    assert_eq!(int(&latest(&sandbox, &id(&made)), "total"), 2640);
    sandbox.advance_ms(15 * DAY_MS).await;
    let item = made["items"]["data"][0]["id"].clone();
    change(&sandbox, &made, json!({"items": [{"id": item, "price": lead}]})).await;
    let invoice = latest(&sandbox, &id(&made));
    let lines = get(&sandbox, &format!("/v1/invoices/{}/lines", id(&invoice))).await.ok();
    assert_eq!(amounts(&lines["data"]), [2400, -1200], "half a month less a fifth");
    assert_eq!(int(&invoice, "total"), 1320);
    assert!(
        lines["data"][0]["discount_amounts"].as_array().unwrap().is_empty(),
        "it is in the amount already"
    );
    assert_eq!(amounts(&lines["data"][1]["taxes"]), [-120]);
}

#[tokio::test]
async fn undoing_a_change_sums_to_zero_with_a_discount_of_one_invoice_too() {
    for (seed, duration) in [(62, "once"), (63, "forever")] {
        let (sandbox, _) = quiet(seed).await;
        let off = json!({"amount_off": 700, "currency": "usd", "duration": duration});
        let (off, tax) = (coupon(&sandbox, off).await, rate(&sandbox, "7.7", true).await);
        let gold = price(&sandbox, "Gold", 3333, "month").await;
        let lead = price(&sandbox, "Lead", 7777, "month").await;
        let (customer, _) = payer(&sandbox, "pm_card_visa").await;
        let items = json!({"items": [{"price": gold}, {"price": lead}], "discounts": [{"coupon": off}],
                           "default_tax_rates": [tax]});
        let made = post(&sandbox, "/v1/subscriptions", to(&customer, "", items)).await.ok();
        assert_eq!(int(&latest(&sandbox, &id(&made)), "total"), 10_410);
        sandbox.advance_ms(11 * DAY_MS + HOUR_MS).await;
        let item = made["items"]["data"][0]["id"].clone();
        change(&sandbox, &made, json!({"items": [{"id": item, "quantity": 7}]})).await;
        change(&sandbox, &made, json!({"items": [{"id": item, "quantity": 1}]})).await;
        assert_eq!(after_the_first(&sandbox), 0, "{duration}");
    }
}
