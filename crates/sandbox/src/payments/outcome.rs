//! How an attempt ended, and what a failed one leaves on its intent.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// How an attempt at a payment intent ended. Everything is stored and told.
pub(crate) enum Tried {
    /// Paid, or held where capture is manual; the intent.
    Paid(Value),
    /// The bank has not answered; the intent.
    Processing(Value),
    /// With Stripe's 402; what was recorded of it stays.
    Failed(Refusal),
    /// The customer has to authenticate; the intent.
    NeedsAction(Value),
}

/// The same for an invoice, whose customer cannot act inside the request.
pub(crate) enum Charged {
    Paid,
    /// The bank has not answered.
    Processing,
    /// With Stripe's 402; what was recorded of it stays.
    Declined(Refusal),
    NeedsAction(Refusal),
}

/// Writes a failed attempt on its intent and completes the error with what it left.
pub(super) fn failed(
    tx: &mut Tx,
    mut intent: Value,
    method: &Value,
    mut refused: Refusal,
    charge: Option<&Value>,
) -> Refusal {
    let shown = render(tx, method);
    if let Some(charge) = charge {
        refused = refused.with("charge", charge["id"].clone());
        value::set(&mut intent, "latest_charge", charge["id"].clone());
        tx.put(charge.clone());
        tx.emit("charge.failed", charge);
    }
    let mut error = refused.error.clone();
    error.insert("payment_method".into(), shown.clone());
    error.sort_keys();
    value::set(&mut intent, "status", "requires_payment_method");
    value::set(&mut intent, "last_payment_error", error);
    value::set(&mut intent, "payment_method", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(intent.clone());
    tx.emit("payment_intent.payment_failed", &intent);
    refused.with("payment_intent", render(tx, &intent)).with("payment_method", shown).leaving()
}

/// The customer did not authenticate. Returns the error that the intent now shows.
pub(crate) fn not_authenticated(tx: &mut Tx, intent: Value, method: &Value) -> Refusal {
    let refused = refusal::invalid(
        "The provided PaymentMethod has failed authentication. Confirm again with it or with another PaymentMethod.",
    )
    .with_code("payment_intent_authentication_failure");
    failed(tx, intent, method, refused, None)
}
