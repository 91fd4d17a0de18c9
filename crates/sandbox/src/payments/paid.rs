//! The bank agrees to a card's charge: the money is taken, or held where capture is
//! manual.

use serde_json::{Value, json};

use super::charge;
use crate::{
    balance, disputes,
    payment_methods::{self, Card, cards::Later},
    state::Tx,
    value,
};

/// With asynchronous capture the balance transaction comes a moment after the charge.
pub(super) fn paid(tx: &mut Tx, mut intent: Value, method: &Value, risk: &str, authenticated: bool) -> Value {
    keep_method(tx, &intent, method, authenticated);
    let mut charge = charge::authorized(tx, &intent, method, risk, authenticated);
    let how = value::text(&intent, "capture_method").unwrap_or("automatic").to_owned();
    value::set(&mut intent, "latest_charge", charge["id"].clone());
    value::set(&mut intent, "last_payment_error", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    match how.as_str() {
        "manual" => hold(tx, &mut intent, &mut charge),
        _ => take(&mut intent, &mut charge),
    }
    if how == "automatic" {
        balance::land(tx, &mut charge);
    }
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.succeeded", &charge);
    let told =
        if how == "manual" { "payment_intent.amount_capturable_updated" } else { "payment_intent.succeeded" };
    tx.emit(told, &intent);
    if how == "automatic_async" {
        let before = charge.clone();
        balance::land(tx, &mut charge);
        tx.change("charge.updated", &before, charge.clone());
    }
    if how != "manual" {
        complain(tx, &charge, method);
    }
    intent
}

/// Writes that a charge's money was taken.
pub(super) fn take(intent: &mut Value, charge: &mut Value) {
    let amount = intent["amount"].clone();
    value::set(intent, "status", "succeeded");
    value::set(intent, "amount_received", amount.clone());
    value::set(charge, "captured", true);
    value::set(charge, "amount_captured", amount);
}

fn hold(tx: &Tx, intent: &mut Value, charge: &mut Value) {
    value::set(intent, "status", "requires_capture");
    value::set(intent, "amount_capturable", intent["amount"].clone());
    let until = tx.now() + charge::HELD_S;
    value::set(intent, "_held_until", until);
    charge["payment_method_details"]["card"]["capture_before"] = json!(until);
}

/// What the holder of a test card says about a charge whose money was taken.
pub(crate) fn complain(tx: &mut Tx, charge: &Value, method: &Value) {
    let card = value::text(method, "_card").and_then(Card::of_name);
    match card.map_or(Later::Nothing, |card| card.later) {
        Later::Disputed(reason) => drop(disputes::open(tx, value::id(charge), reason, false)),
        Later::AskedAbout(reason) => drop(disputes::open(tx, value::id(charge), reason, true)),
        Later::Nothing | Later::RefundFails | Later::RefundPends => {}
    }
}

/// A payment method that is to be used again becomes the customer's (Stripe's API,
/// PaymentIntents: `setup_future_usage`).
pub(super) fn keep_method(tx: &mut Tx, intent: &Value, method: &Value, authenticated: bool) {
    if intent["setup_future_usage"].is_null() {
        return;
    }
    if let Some(mut kept) = tx.find("payment_method", value::id(method)).cloned().filter(|_| authenticated) {
        value::set(&mut kept, "_set_up", true);
        tx.put(kept);
    }
    let customer = value::text(intent, "customer").and_then(|id| tx.find("customer", id)).cloned();
    let Some(customer) = customer.filter(|_| method["customer"].is_null()) else { return };
    if let Ok(kept) = payment_methods::attach_to(tx, value::id(method), &customer, "payment_method") {
        tx.emit("payment_method.attached", &kept);
    }
}
