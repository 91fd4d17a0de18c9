//! How an attempt at a setup intent ends. Everything is stored and told.

use serde_json::Value;

use crate::{
    checkout, payment_methods,
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// The payment method is ready, and the customer's if there is one.
///
/// # Errors
/// It cannot become the customer's; nothing is changed.
pub(super) fn set_up(
    tx: &mut Tx,
    mut intent: Value,
    mut attempt: Value,
    method: &Value,
) -> Result<Value, Refusal> {
    let mandate = payment_methods::agree(tx, method, intent.get("_mandate_data").cloned().as_ref());
    let customer = value::text(&intent, "customer").and_then(|id| tx.find("customer", id)).cloned();
    let attached = match customer.filter(|_| method["customer"].is_null()) {
        Some(customer) => {
            Some(payment_methods::attach_to(tx, value::id(method), &customer, "payment_method")?)
        }
        None => None,
    };
    if let Some(mut ready) = tx.find("payment_method", value::id(method)).cloned() {
        value::set(&mut ready, "_set_up", true);
        tx.put(ready);
    }
    value::set(&mut attempt, "status", "succeeded");
    value::set(&mut intent, "status", "succeeded");
    value::set(&mut intent, "mandate", value::or_null(mandate));
    value::set(&mut intent, "last_setup_error", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(attempt);
    tx.put(intent.clone());
    if let Some(attached) = attached {
        tx.emit("payment_method.attached", &attached);
    }
    tx.emit("setup_intent.succeeded", &intent);
    checkout::set_up(tx, &intent);
    Ok(intent)
}

/// The customer has to do something.
pub(super) fn waits(tx: &mut Tx, mut intent: Value, mut attempt: Value, action: Value) -> Value {
    value::set(&mut attempt, "status", "requires_action");
    value::set(&mut intent, "status", "requires_action");
    value::set(&mut intent, "next_action", action);
    tx.put(attempt);
    tx.put(intent.clone());
    tx.emit("setup_intent.requires_action", &intent);
    intent
}

/// Writes a failed attempt on its intent and completes the error with what it left.
pub(super) fn failed(
    tx: &mut Tx,
    mut intent: Value,
    mut attempt: Value,
    method: &Value,
    refused: Refusal,
) -> Refusal {
    let shown = render(tx, method);
    let mut error = refused.error.clone();
    error.insert("payment_method".into(), shown.clone());
    error.sort_keys();
    value::set(&mut attempt, "status", "failed");
    value::set(&mut attempt, "setup_error", error.clone());
    value::set(&mut intent, "status", "requires_payment_method");
    value::set(&mut intent, "last_setup_error", error);
    value::set(&mut intent, "payment_method", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(attempt);
    tx.put(intent.clone());
    tx.emit("setup_intent.setup_failed", &intent);
    refused.with("payment_method", shown).with("setup_intent", render(tx, &intent)).leaving()
}

/// The error of a customer who did not authenticate.
pub(super) fn not_authenticated() -> Refusal {
    refusal::invalid(
        "The provided PaymentMethod has failed authentication. Confirm again with it or with another PaymentMethod.",
    )
    .with_code("setup_intent_authentication_failure")
}
