//! The balance and its transactions.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

async fn pay(sandbox: &Sandbox, amount: i64, currency: &str, card: &str) -> String {
    let params = json!({"amount": amount, "currency": currency, "confirm": true, "payment_method": card});
    post(sandbox, "/v1/payment_intents", params).await.ok()["latest_charge"].as_str().unwrap().to_owned()
}

async fn balance(sandbox: &Sandbox) -> (Value, Value) {
    let shown = get(sandbox, "/v1/balance").await.ok();
    (shown["available"].clone(), shown["pending"].clone())
}

fn entry(amount: i64, currency: &str) -> Value {
    json!({"amount": amount, "currency": currency, "source_types": {"card": amount}})
}

#[tokio::test]
async fn a_fresh_account_has_nothing_in_its_own_currency() {
    let (sandbox, _) = quiet(1).await;
    assert_eq!(balance(&sandbox).await, (json!([entry(0, "usd")]), json!([entry(0, "usd")])));
}

#[tokio::test]
async fn the_fees_of_payments_are_those_that_stripe_took() {
    let (sandbox, _) = quiet(2).await;
    for (amount, fee) in [
        (950, 58),
        (1000, 59),
        (1900, 85),
        (2250, 95),
        (2500, 103),
        (2900, 114),
        (22_500, 683),
        (25_000, 755),
    ] {
        let charge = pay(&sandbox, amount, "usd", "pm_card_visa").await;
        let listed = get(&sandbox, &format!("/v1/balance_transactions?source={charge}")).await.ok();
        let landed = &listed["data"][0];
        assert_eq!((&landed["fee"], &landed["net"]), (&json!(fee), &json!(amount - fee)), "{amount}");
        assert_eq!(landed["fee_details"][0]["amount"], fee);
        assert_eq!((&landed["type"], &landed["source"]), (&json!("charge"), &json!(charge)));
    }
}

#[tokio::test]
async fn a_paid_invoice_lands_on_the_balance_too() {
    let (sandbox, _) = quiet(3).await;
    let (_, invoice) = open(&sandbox).await;
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    assert_eq!(balance(&sandbox).await.1, json!([entry(4200 - 152, "usd")]));
    let charge = sandbox.objects("charge").remove(0);
    let landed = charge["balance_transaction"].as_str().unwrap();
    let read = get(&sandbox, &format!("/v1/balance_transactions/{landed}?expand[]=source")).await.ok();
    assert_eq!((&read["fee"], &read["source"]["id"]), (&json!(152), &charge["id"]));
}

#[tokio::test]
async fn money_is_pending_until_its_day_and_a_refund_keeps_the_fee() {
    let (sandbox, clock) = quiet(4).await;
    let charge = pay(&sandbox, 2000, "usd", "pm_card_visa").await;
    pay(&sandbox, 1000, "usd", "pm_card_bypassPending").await;
    pay(&sandbox, 1000, "jpy", "pm_card_visa").await;
    let (available, pending) = balance(&sandbox).await;
    assert_eq!(available, json!([entry(0, "jpy"), entry(941, "usd")]));
    assert_eq!(pending, json!([entry(941, "jpy"), entry(1912, "usd")]));
    post(&sandbox, "/v1/refunds", json!({"charge": charge})).await.ok();
    assert_eq!(balance(&sandbox).await.1, json!([entry(941, "jpy"), entry(1912 - 2000, "usd")]));
    let of = |query: &str| format!("/v1/balance_transactions?{query}");
    let refunds = get(&sandbox, &of("type=refund")).await.ok();
    let refund = &refunds["data"][0];
    assert_eq!(
        (&refund["fee"], &refund["net"], &refund["status"]),
        (&json!(0), &json!(-2000), &json!("pending"))
    );
    assert_eq!(get(&sandbox, &of("currency=jpy")).await.ok()["data"].as_array().unwrap().len(), 1);
    assert_eq!(get(&sandbox, &of("payout=po_1")).await.ok()["data"], json!([]));
    clock.advance_ms(5 * 24 * 3600 * 1000);
    let (available, pending) = balance(&sandbox).await;
    assert_eq!(available, json!([entry(941, "jpy"), entry(941 + 1912 - 2000, "usd")]));
    assert_eq!(pending, json!([entry(0, "jpy"), entry(0, "usd")]));
    assert_eq!(get(&sandbox, &of("type=refund")).await.ok()["data"][0]["status"], "available");
}

#[tokio::test]
async fn a_refused_or_held_payment_moves_no_balance() {
    let (sandbox, _) = quiet(5).await;
    let held = json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa", "capture_method": "manual"});
    let held = id(&post(&sandbox, "/v1/payment_intents", held).await.ok());
    let bad = json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_chargeDeclined"});
    post(&sandbox, "/v1/payment_intents", bad).await.error(402);
    assert!(sandbox.objects("balance_transaction").is_empty());
    let path = format!("/v1/payment_intents/{held}/capture");
    post(&sandbox, &path, json!({"amount_to_capture": 1000})).await.ok();
    assert_eq!(balance(&sandbox).await.1, json!([entry(941, "usd")]));
}

#[tokio::test]
async fn the_lines_of_an_invoice_have_the_digits_of_their_currency() {
    let (sandbox, _) = quiet(6).await;
    for (amount, currency, fits) in [
        (1999, "usd", true),
        (1999, "jpy", true),
        (1990, "kwd", true),
        (-1990, "kwd", true),
        (1999, "kwd", false),
        (150, "isk", false),
    ] {
        let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
        let line = json!({"customer": customer, "amount": amount, "currency": currency});
        let got = post(&sandbox, "/v1/invoiceitems", line).await;
        if fits {
            let made = got.ok();
            if currency == "kwd" {
                let path = format!("/v1/invoiceitems/{}", id(&made));
                let error = post(&sandbox, &path, json!({"amount": 1001})).await.error(400);
                assert_eq!(error["code"], "parameter_invalid_integer");
            }
        } else {
            let error = got.error(400);
            assert_eq!(
                (&error["code"], &error["param"]),
                (&json!("parameter_invalid_integer"), &json!("amount"))
            );
        }
    }
}
