//! The bank decides, or the time to answer is over.

use serde_json::{Value, json};

use crate::{
    balance,
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// Statuses that are not the end.
pub(super) const OPEN: &[&str] =
    &["needs_response", "under_review", "warning_needs_response", "warning_under_review"];

/// Whether a dispute is a mere question.
pub(super) fn is_inquiry(dispute: &Value) -> bool {
    value::text(dispute, "status").is_some_and(|status| status.starts_with("warning_"))
}

/// Ends a dispute that is open, for the account or against it; a question is closed
/// either way.
pub(super) fn end(tx: &mut Tx, mut dispute: Value, won: bool) -> Value {
    let status = match (is_inquiry(&dispute), won) {
        (true, _) => "warning_closed",
        (false, true) => "won",
        (false, false) => "lost",
    };
    value::set(&mut dispute, "status", status);
    if status == "won" {
        let back = balance::of_dispute(tx, &dispute, balance::Disputed::Reinstated);
        let mut all = dispute["balance_transactions"].as_array().cloned().unwrap_or_default();
        all.push(back);
        value::set(&mut dispute, "balance_transactions", all);
    }
    tx.put(dispute.clone());
    tx.emit("charge.dispute.closed", &dispute);
    if status == "won" {
        tx.emit("charge.dispute.funds_reinstated", &dispute);
    }
    dispute
}

/// The bank decides, as a command says.
///
/// # Errors
/// Unknown, or decided already.
pub(crate) fn as_bank(tx: &mut Tx, id: &str, won: bool) -> Result<Value, Refusal> {
    let dispute = tx.at_path("dispute", id)?;
    only_open(&dispute)?;
    Ok(end(tx, dispute, won))
}

/// 400 for what has been decided.
pub(super) fn only_open(dispute: &Value) -> Result<(), Refusal> {
    let status = value::text(dispute, "status").unwrap_or_default();
    if OPEN.contains(&status) {
        return Ok(());
    }
    Err(refusal::invalid(format!("This dispute is already closed: its status is {status}.")))
}

/// When the time to answer is over.
pub(crate) fn due_at(dispute: &Value) -> Option<i64> {
    let waits = matches!(value::text(dispute, "status"), Some("needs_response" | "warning_needs_response"));
    waits.then(|| dispute["evidence_details"]["due_by"].as_i64().map(|due| due + 1)).flatten()
}

/// Nobody answered in time.
pub(crate) fn perform_due(tx: &mut Tx, mut dispute: Value) {
    dispute["evidence_details"]["past_due"] = json!(true);
    end(tx, dispute, false);
}
