//! What the tests of subscriptions begin with.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// A recurring price of a product of its own, in USD.
pub(super) async fn price(sandbox: &Sandbox, name: &str, amount: i64, interval: &str) -> String {
    let params = json!({"product_data": {"name": name}, "currency": "usd", "unit_amount": amount,
                        "recurring": {"interval": interval}});
    id(&post(sandbox, "/v1/prices", params).await.ok())
}

/// A customer, and the payment method that it pays with.
pub(super) async fn payer(sandbox: &Sandbox, card: &str) -> (String, String) {
    let customer = id(&post(sandbox, "/v1/customers", json!({"name": "Ada"})).await.ok());
    let path = format!("/v1/payment_methods/{card}/attach");
    let method = id(&post(sandbox, &path, json!({"customer": customer})).await.ok());
    let settings = json!({"invoice_settings": {"default_payment_method": method}});
    post(sandbox, &format!("/v1/customers/{customer}"), settings).await.ok();
    (customer, method)
}

/// The parameters of a subscription to one price, and more.
pub(super) fn to(customer: &str, price: &str, more: Value) -> Value {
    let mut params = json!({"customer": customer, "items": [{"price": price}]});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

/// An active subscription to a monthly price of 10.00 USD.
pub(super) async fn active(sandbox: &Sandbox) -> (String, Value) {
    let gold = price(sandbox, "Gold", 1000, "month").await;
    let (customer, _) = payer(sandbox, "pm_card_visa").await;
    let made = post(sandbox, "/v1/subscriptions", to(&customer, &gold, json!({}))).await.ok();
    assert_eq!(made["status"], "active");
    (id(&made), made)
}

pub(super) fn path(subscription: &str) -> String {
    format!("/v1/subscriptions/{subscription}")
}

pub(super) fn status(sandbox: &Sandbox, subscription: &str) -> String {
    sandbox.object(subscription).unwrap()["status"].as_str().unwrap().to_owned()
}

pub(super) fn latest(sandbox: &Sandbox, subscription: &str) -> Value {
    let id = sandbox.object(subscription).unwrap()["latest_invoice"].as_str().unwrap().to_owned();
    sandbox.object(&id).unwrap()
}

/// What was told since an event, most of the payment's own left out.
pub(super) fn since(sandbox: &Sandbox, count: usize) -> Vec<String> {
    let quiet = ["payment_intent.", "charge.", "invoice_payment.", "balance."];
    let all = event_types(sandbox).into_iter().skip(count);
    all.filter(|t| !quiet.iter().any(|head| t.starts_with(head)) && t != "invoice.updated").collect()
}
