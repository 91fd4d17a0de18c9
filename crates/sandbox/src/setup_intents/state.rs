//! Which call is allowed in which status. A refusal embeds the intent.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

pub(super) const UNCONFIRMED: &[&str] =
    &["requires_payment_method", "requires_confirmation", "requires_action"];

/// 400 `setup_intent_unexpected_state` unless the intent has one of these statuses.
/// `what` is the verb.
pub(super) fn only_in(tx: &Tx, intent: &Value, allowed: &[&str], what: &str) -> Result<(), Refusal> {
    let status = value::text(intent, "status").unwrap_or_default();
    if allowed.contains(&status) {
        return Ok(());
    }
    Err(unexpected(
        tx,
        intent,
        &format!("You cannot {what} this SetupIntent because it has a status of {status}."),
    ))
}

/// 400 `setup_intent_unexpected_state` with the intent.
pub(super) fn unexpected(tx: &Tx, intent: &Value, message: &str) -> Refusal {
    refusal::invalid(message)
        .with_code("setup_intent_unexpected_state")
        .with("setup_intent", render(tx, intent))
}
