//! Objects of every kind that is listed, different in everything that lists filter by.

use std::sync::Arc;

use model::ManualClock;
use serde_json::{Value, json};

use super::super::client::*;
use crate::{Sandbox, Watched};

const HOUR_MS: i64 = 3_600_000;

/// A sandbox full of them.
pub(super) async fn full() -> Watched {
    let (sandbox, clock) = quiet(1).await;
    deliveries(&sandbox).await;
    let mut customers = Vec::new();
    for email in ["ada@example.com", "grace@example.com", "ada@example.com"] {
        clock.advance_ms(HOUR_MS);
        customers.push(id(&post(&sandbox, "/v1/customers", json!({"email": email})).await.ok()));
    }
    for customer in &customers {
        clock.advance_ms(HOUR_MS);
        card(&sandbox, customer).await;
    }
    let prices = prices(&sandbox, &clock).await;
    terms(&sandbox, &clock, &customers).await;
    for (nth, customer) in customers.iter().enumerate() {
        payments(&sandbox, &clock, customer, nth).await;
        invoices(&sandbox, &clock, customer, nth).await;
        subscriptions(&sandbox, &clock, customer, &prices, nth).await;
        setups(&sandbox, &clock, customer).await;
        money(&sandbox, &clock, customer, nth).await;
    }
    sandbox
}

/// An endpoint, with some events delivered and others not.
async fn deliveries(sandbox: &Sandbox) {
    sandbox.deliver_to("http://127.0.0.1:1/hook".parse().unwrap(), &["product.*"]).await;
    post(sandbox, "/v1/products", json!({"name": "First", "type": "good", "shippable": true})).await.ok();
    for delivery in sandbox.due_deliveries() {
        sandbox.carried(delivery.id, 200);
    }
}

async fn card(sandbox: &Sandbox, customer: &str) {
    for again in ["always", "limited"] {
        let card = json!({"type": "card", "card": {"token": "tok_visa"}, "allow_redisplay": again});
        let method = id(&post(sandbox, "/v1/payment_methods", card).await.ok());
        let path = format!("/v1/payment_methods/{method}/attach");
        post(sandbox, &path, json!({"customer": customer})).await.ok();
        let default = json!({"invoice_settings": {"default_payment_method": method}});
        post(sandbox, &format!("/v1/customers/{customer}"), default).await.ok();
    }
}

/// Two monthly prices and one a year, and others that are not subscribed to.
async fn prices(sandbox: &Sandbox, clock: &Arc<ManualClock>) -> Vec<String> {
    let mut made = Vec::new();
    for (interval, key) in [("month", "gold"), ("month", "silver"), ("year", "yearly")] {
        clock.advance_ms(HOUR_MS);
        let product = json!({"name": key, "url": format!("https://example.com/{key}")});
        let product = id(&post(sandbox, "/v1/products", product).await.ok());
        let price = json!({"product": product, "currency": "usd", "unit_amount": 1000, "lookup_key": key,
                           "recurring": {"interval": interval}});
        made.push(id(&post(sandbox, "/v1/prices", price).await.ok()));
    }
    let once =
        json!({"product_data": {"name": "Once"}, "currency": "eur", "unit_amount": 500, "active": false});
    let once = post(sandbox, "/v1/prices", once).await.ok();
    let product = once["product"].as_str().unwrap();
    post(sandbox, &format!("/v1/products/{product}"), json!({"active": false})).await.ok();
    made
}

/// Coupons, promotion codes and tax rates, some of them over.
async fn terms(sandbox: &Sandbox, clock: &Arc<ManualClock>, customers: &[String]) {
    for (nth, customer) in customers.iter().enumerate() {
        clock.advance_ms(HOUR_MS);
        let coupon = id(&post(sandbox, "/v1/coupons", json!({"percent_off": 10})).await.ok());
        let promotion = json!({"type": "coupon", "coupon": coupon});
        let mut code = json!({"promotion": promotion, "active": nth != 1, "code": format!("CODE{nth}")});
        if nth > 0 {
            code["customer"] = json!(customer);
        }
        post(sandbox, "/v1/promotion_codes", code).await.ok();
        let rate = json!({"display_name": "VAT", "percentage": 5, "inclusive": nth == 0, "active": nth != 1});
        post(sandbox, "/v1/tax_rates", rate).await.ok();
    }
}

async fn payments(sandbox: &Sandbox, clock: &Arc<ManualClock>, customer: &str, nth: usize) {
    for currency in ["usd", "jpy"] {
        clock.advance_ms(HOUR_MS);
        let params = json!({"amount": 2000, "currency": currency, "customer": customer, "confirm": true,
            "payment_method": "pm_card_visa", "transfer_group": format!("group {nth}")});
        let paid = post(sandbox, "/v1/payment_intents", params).await.ok();
        clock.advance_ms(HOUR_MS);
        post(sandbox, "/v1/refunds", json!({"charge": paid["latest_charge"], "amount": 500})).await.ok();
    }
}

/// One of each status, by turns charged and sent; a pending item.
async fn invoices(sandbox: &Sandbox, clock: &Arc<ManualClock>, customer: &str, nth: usize) {
    for (way, then) in [
        ("send_invoice", None),
        ("send_invoice", Some("finalize")),
        ("charge_automatically", Some("pay")),
        ("charge_automatically", Some("void")),
        ("send_invoice", Some("mark_uncollectible")),
    ] {
        clock.advance_ms(HOUR_MS);
        let mut params = json!({"customer": customer, "collection_method": way});
        if way == "send_invoice" {
            params["days_until_due"] = json!(10 + nth);
        }
        let invoice = id(&post(sandbox, "/v1/invoices", params).await.ok());
        let line = json!({"customer": customer, "invoice": invoice, "amount": 4200, "currency": "usd"});
        post(sandbox, "/v1/invoiceitems", line).await.ok();
        if matches!(then, Some("void" | "mark_uncollectible")) {
            post(sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({})).await.ok();
        }
        if let Some(then) = then {
            post(sandbox, &format!("/v1/invoices/{invoice}/{then}"), json!({})).await.ok();
        }
    }
    let pending = json!({"customer": customer, "amount": 700, "currency": "usd"});
    post(sandbox, "/v1/invoiceitems", pending).await.ok();
}

/// A living one, one on trial, one that ended.
async fn subscriptions(
    sandbox: &Sandbox,
    clock: &Arc<ManualClock>,
    customer: &str,
    prices: &[String],
    nth: usize,
) {
    let one = |price: &str, more: Value| {
        let mut params = json!({"customer": customer, "items": [{"price": price}]});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    for params in [
        one(&prices[nth], json!({"collection_method": "send_invoice", "days_until_due": 5})),
        one(&prices[0], json!({"trial_period_days": 9})),
        one(&prices[1], json!({})),
    ] {
        clock.advance_ms(HOUR_MS);
        let made = post(sandbox, "/v1/subscriptions", params).await.ok();
        if made["status"] == "active" && made["collection_method"] == "charge_automatically" {
            delete(sandbox, &format!("/v1/subscriptions/{}", id(&made))).await.ok();
        }
    }
}

/// One that is set up for the customer, one that fails before it succeeds, one for nobody.
async fn setups(sandbox: &Sandbox, clock: &Arc<ManualClock>, customer: &str) {
    let confirmed = |card: &str| json!({"customer": customer, "confirm": true, "payment_method": card});
    clock.advance_ms(HOUR_MS);
    post(sandbox, "/v1/setup_intents", confirmed("pm_card_visa")).await.ok();
    clock.advance_ms(HOUR_MS);
    let refused = post(sandbox, "/v1/setup_intents", confirmed("pm_card_chargeDeclined")).await.error(402);
    clock.advance_ms(HOUR_MS);
    let path = format!("/v1/setup_intents/{}/confirm", id(&refused["setup_intent"]));
    post(sandbox, &path, json!({"payment_method": "pm_card_visa"})).await.ok();
    post(sandbox, "/v1/setup_intents", json!({"attach_to_self": true})).await.ok();
}

/// A dispute, a payout, credit notes, and what is the customer's own.
async fn money(sandbox: &Sandbox, clock: &Arc<ManualClock>, customer: &str, nth: usize) {
    clock.advance_ms(HOUR_MS);
    for (card, amount) in [("pm_card_createDispute", 1000), ("pm_card_bypassPending", 9000)] {
        let params = json!({"amount": amount, "currency": "usd", "customer": customer, "confirm": true,
                            "payment_method": card});
        post(sandbox, "/v1/payment_intents", params).await.ok();
    }
    let payout = post(sandbox, "/v1/payouts", json!({"amount": 100 + nth, "currency": "usd"})).await.ok();
    if nth == 1 {
        post(sandbox, &format!("/v1/payouts/{}/cancel", id(&payout)), json!({})).await.ok();
    }
    let path = format!("/v1/customers/{customer}");
    let balance = json!({"amount": -100, "currency": "usd"});
    post(sandbox, &format!("{path}/balance_transactions"), balance).await.ok();
    clock.advance_ms(HOUR_MS);
    credited(sandbox, customer).await;
    for value in ["DE123456789", "FR12345678901"] {
        post(sandbox, &format!("{path}/tax_ids"), json!({"type": "eu_vat", "value": value})).await.ok();
        let fund = json!({"amount": 500, "currency": "usd"});
        post(sandbox, &format!("/v1/test_helpers{}/fund_cash_balance", &path[3..]), fund).await.ok();
    }
}

/// An open invoice, to which the balance is applied, with two notes.
async fn credited(sandbox: &Sandbox, customer: &str) {
    let made = json!({"customer": customer, "currency": "usd"});
    let invoice = id(&post(sandbox, "/v1/invoices", made).await.ok());
    let line = json!({"customer": customer, "invoice": invoice, "amount": 4200, "currency": "usd"});
    post(sandbox, "/v1/invoiceitems", line).await.ok();
    post(sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({})).await.ok();
    for amount in [300, 400] {
        post(sandbox, "/v1/credit_notes", json!({"invoice": invoice, "amount": amount})).await.ok();
    }
}
