//! Which call is allowed in which status. A refusal embeds the intent.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

pub(super) const UNCONFIRMED: &[&str] =
    &["requires_payment_method", "requires_confirmation", "requires_action"];
pub(super) const CAPTURABLE: &[&str] = &["requires_capture"];
pub(super) const CANCELABLE: &[&str] = &[
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
];

/// 400 `payment_intent_unexpected_state` unless the intent has one of these statuses.
/// `what` follows "This PaymentIntent", `past` follows "may be".
pub(super) fn only_in(
    tx: &Tx,
    intent: &Value,
    allowed: &[&str],
    what: &str,
    past: &str,
) -> Result<(), Refusal> {
    let status = value::text(intent, "status").unwrap_or_default();
    if allowed.contains(&status) {
        return Ok(());
    }
    let message = format!(
        "This PaymentIntent {what} because it has a status of {status}. Only a PaymentIntent with one of the following statuses may be {past}: {}.",
        allowed.join(", ")
    );
    Err(unexpected(tx, intent, &message))
}

/// 400 `payment_intent_unexpected_state` with the intent.
pub(super) fn unexpected(tx: &Tx, intent: &Value, message: &str) -> Refusal {
    refusal::invalid(message)
        .with_code("payment_intent_unexpected_state")
        .with("payment_intent", render(tx, intent))
}
