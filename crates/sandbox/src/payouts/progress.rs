//! A payout on its way: it leaves, and arrives, or its bank sends it back.

use serde_json::Value;

use crate::{
    balance,
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// When it leaves, or arrives.
pub(crate) fn due_at(payout: &Value) -> Option<i64> {
    match value::text(payout, "status") {
        Some("pending") => payout.get("_leaves_at")?.as_i64(),
        Some("in_transit") => payout["arrival_date"].as_i64(),
        _ => None,
    }
}

/// It leaves, or arrives.
pub(crate) fn perform_due(tx: &mut Tx, before: Value) {
    let mut after = before.clone();
    if before["status"] == "pending" {
        value::set(&mut after, "status", "in_transit");
        tx.change("payout.updated", &before, after);
        return;
    }
    value::set(&mut after, "status", "paid");
    tx.put(after.clone());
    tx.emit("payout.paid", &after);
}

/// The bank sends it back, as a command says.
///
/// # Errors
/// Unknown, or not on its way.
pub(crate) fn as_bank(tx: &mut Tx, id: &str) -> Result<Value, Refusal> {
    let mut payout = tx.at_path("payout", id)?;
    let status = value::text(&payout, "status").unwrap_or_default();
    if !matches!(status, "pending" | "in_transit" | "paid") {
        return Err(refusal::invalid(format!("This payout cannot fail: its status is {status}.")));
    }
    let back = balance::of_payout(tx, &payout, value::int(&payout, "amount"), "payout_failure");
    value::set(&mut payout, "status", "failed");
    value::set(&mut payout, "failure_code", "account_closed");
    value::set(&mut payout, "failure_message", "The bank account has been closed.");
    value::set(&mut payout, "failure_balance_transaction", back["id"].clone());
    tx.put(payout.clone());
    tx.emit("payout.failed", &payout);
    Ok(payout)
}
