//! What becomes of a refund on the sandbox's clock: a bank account is credited after a
//! while, a test card's refund is pending for a while or fails after it seemed to succeed
//! (Stripe's docs, Testing: Refunds).

use serde_json::{Value, json};

use crate::{
    balance,
    customers::cash,
    payment_methods::{self, Card, cards::Later},
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// How long "some time later" is.
const LATER_S: i64 = 60;

/// Writes how a new refund begins and when something comes of it.
pub(super) fn plan(tx: &Tx, charge: &Value, refund: &mut Value) {
    let method = value::text(charge, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let method = method.unwrap_or_default();
    let card = value::text(&method, "_card").and_then(Card::of_name);
    let by_bank = matches!(value::text(&method, "type"), Some("us_bank_account" | "sepa_debit"));
    let later = card.map_or(Later::Nothing, |card| card.later);
    if later == Later::RefundPends || by_bank {
        value::set(refund, "status", "pending");
        value::set(refund, "pending_reason", "processing");
    }
    if by_bank || matches!(later, Later::RefundPends | Later::RefundFails) {
        value::set(refund, "_settles_at", tx.now() + LATER_S);
        value::set(refund, "_fails", later == Later::RefundFails);
    }
}

/// A refund of what came from a cash balance goes back to it.
pub(super) fn to_cash(tx: &mut Tx, charge: &Value, refund: &Value) {
    if charge["payment_method_details"]["type"] == "customer_balance" {
        cash::give_back(tx, refund);
    }
}

/// When something comes of a refund.
pub(crate) fn due_at(refund: &Value) -> Option<i64> {
    refund.get("_settles_at")?.as_i64()
}

/// It arrives, or fails.
pub(crate) fn perform_due(tx: &mut Tx, refund: &Value) {
    if refund["_fails"] == true {
        fail(tx, refund, "unknown");
        return;
    }
    let before = tx.seen(refund);
    let mut after = settled(refund);
    value::set(&mut after, "status", "succeeded");
    tx.put(after);
    tell(tx, &before, value::id(refund));
}

/// The refund without what it waited for.
fn settled(refund: &Value) -> Value {
    let mut after = refund.clone();
    if let Value::Object(fields) = &mut after {
        for field in ["pending_reason", "_settles_at", "_fails"] {
            fields.shift_remove(field);
        }
    }
    after
}

fn tell(tx: &mut Tx, before: &crate::versions::Seen, id: &str) {
    tx.emit_changed("refund.updated", before, id);
    tx.emit_changed("charge.refund.updated", before, id);
}

/// The money comes back: the charge is no longer refunded by it.
fn fail(tx: &mut Tx, refund: &Value, why: &str) -> Value {
    let before = tx.seen(refund);
    let id = value::id(refund).to_owned();
    let mut after = settled(refund);
    value::set(&mut after, "status", "failed");
    value::set(&mut after, "failure_reason", why);
    let charge = value::text(refund, "charge").and_then(|id| tx.find("charge", id)).cloned();
    if let Some(mut charge) = charge {
        balance::of_failed_refund(tx, &mut after, &charge);
        let left = value::int(&charge, "amount_refunded") - value::int(refund, "amount");
        value::set(&mut charge, "amount_refunded", left);
        value::set(&mut charge, "refunded", json!(false));
        tx.put(charge);
    }
    tx.put(after.clone());
    tx.emit("refund.failed", &after);
    tell(tx, &before, &id);
    after
}

/// The bank refuses a refund, as a command says.
///
/// # Errors
/// Unknown, failed already, or of money that was only held.
pub(crate) fn as_bank(tx: &mut Tx, id: &str) -> Result<Value, Refusal> {
    let refund = tx.at_path("refund", id)?;
    let status = value::text(&refund, "status").unwrap_or_default();
    if !matches!(status, "pending" | "succeeded") || refund["balance_transaction"].is_null() {
        return Err(refusal::invalid(format!("This refund cannot fail: its status is {status}.")));
    }
    Ok(fail(tx, &refund, "lost_or_stolen_card"))
}
