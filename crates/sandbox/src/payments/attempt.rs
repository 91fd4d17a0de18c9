//! One attempt to collect an invoice's payment intent with a card.

use serde_json::{Value, json};

use super::{charge, intent::part};
use crate::{
    payment_methods::{
        Card,
        cards::{Decline, Does, GENERIC},
    },
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// How an attempt ended.
pub(crate) enum Charged {
    Paid,
    /// With Stripe's 402; what was recorded of it stays.
    Declined(Refusal),
    NeedsAction(Refusal),
}

/// Charges the invoice's payment intent; stores and tells what came of it.
pub(crate) fn collect(tx: &mut Tx, invoice: &Value, method: &Value) -> Charged {
    let mut intent = part(tx, invoice, "_payment_intent").unwrap_or_default();
    value::set(&mut intent, "payment_method", method["id"].clone());
    let does = value::text(method, "_card")
        .and_then(Card::of_name)
        .map(|c| c.does)
        .unwrap_or(Does::Decline(GENERIC));
    match does {
        Does::Pay => paid(tx, intent, method, "normal"),
        Does::PayAtRisk => paid(tx, intent, method, "highest"),
        Does::Decline(decline) | Does::DeclineLater(decline) => declined(tx, intent, method, decline),
        Does::Authenticate => needs_action(tx, intent, method),
    }
}

fn paid(tx: &mut Tx, mut intent: Value, method: &Value, risk: &str) -> Charged {
    let charge = charge::succeeded(tx, &intent, method, risk);
    let amount = intent["amount"].clone();
    value::set(&mut intent, "status", "succeeded");
    value::set(&mut intent, "amount_received", amount);
    value::set(&mut intent, "latest_charge", charge["id"].clone());
    value::set(&mut intent, "last_payment_error", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.succeeded", &charge);
    tx.emit("payment_intent.succeeded", &intent);
    Charged::Paid
}

fn declined(tx: &mut Tx, mut intent: Value, method: &Value, decline: Decline) -> Charged {
    let charge = charge::failed(tx, &intent, method, &decline);
    let shown = render(tx, method);
    let mut refused = decline.refusal().with("charge", charge["id"].clone());
    let mut error = refused.error.clone();
    error.insert("payment_method".into(), shown.clone());
    error.sort_keys();
    value::set(&mut intent, "status", "requires_payment_method");
    value::set(&mut intent, "latest_charge", charge["id"].clone());
    value::set(&mut intent, "last_payment_error", error);
    value::set(&mut intent, "payment_method", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.failed", &charge);
    tx.emit("payment_intent.payment_failed", &intent);
    refused = refused.with("payment_intent", render(tx, &intent)).with("payment_method", shown);
    Charged::Declined(refused)
}

fn needs_action(tx: &mut Tx, mut intent: Value, method: &Value) -> Charged {
    value::set(&mut intent, "status", "requires_action");
    let action = json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}});
    value::set(&mut intent, "next_action", action);
    tx.put(intent.clone());
    tx.emit("payment_intent.requires_action", &intent);
    let refused = refusal::card(
        "This payment requires additional user action before it can be completed successfully. The customer can do that on the hosted page.",
        "invoice_payment_intent_requires_action",
    )
    .with("payment_intent", render(tx, &intent))
    .with("payment_method", render(tx, method));
    Charged::NeedsAction(refused)
}
