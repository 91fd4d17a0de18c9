//! What time does to invoices (Stripe's docs, Automatic collection): a draft that
//! advances is finalized about an hour after it was made; one that is charged is
//! charged then, and again after 3, 5 and 7 days when the card refuses; one that was
//! sent is told of when its due date passes.

use serde_json::Value;

use super::{finalize::finalize, pay};
use crate::{state::Tx, subscriptions, value, wire::Refusal};

/// From creation to finalization, and from a finalization by hand to the charge.
pub(super) const HOUR: i64 = 3600;

/// When something is next due for an invoice.
pub(crate) fn due_at(invoice: &Value) -> Option<i64> {
    let advances = invoice["auto_advance"] == true;
    match value::text(invoice, "status") {
        Some("draft") if advances => invoice["automatically_finalizes_at"].as_i64(),
        Some("open") if charged_by_itself(invoice) => invoice["next_payment_attempt"].as_i64(),
        Some("open") if invoice.get("_overdue").is_none() => invoice["due_date"].as_i64(),
        _ => None,
    }
}

/// Does what is due.
pub(crate) fn perform_due(tx: &mut Tx, invoice: Value) {
    match value::text(&invoice, "status") {
        Some("draft") => issue(tx, invoice),
        Some("open") if charged_by_itself(&invoice) => charge(tx, invoice),
        _ => overdue(tx, invoice),
    }
}

fn charged_by_itself(invoice: &Value) -> bool {
    invoice["auto_advance"] == true && invoice["collection_method"] == "charge_automatically"
}

/// Finalizes a draft and asks for the money.
fn issue(tx: &mut Tx, invoice: Value) {
    match finalize(tx, invoice.clone()) {
        Ok(open) if open["status"] != "open" => {}
        Ok(open) if subscriptions::ends_invoice(tx, &open) => {}
        Ok(open) if open["collection_method"] == "send_invoice" => tx.emit("invoice.sent", &open),
        Ok(open) => charge(tx, open),
        Err(refused) => not_finalized(tx, invoice, &refused),
    }
}

/// A draft that cannot be finalized waits for a person.
fn not_finalized(tx: &mut Tx, mut invoice: Value, refused: &Refusal) {
    value::set(&mut invoice, "auto_advance", false);
    value::set(&mut invoice, "automatically_finalizes_at", Value::Null);
    value::set(&mut invoice, "last_finalization_error", refused.error.clone());
    tx.put(invoice.clone());
    tx.emit("invoice.finalization_failed", &invoice);
}

/// One attempt by itself; what comes of it is told by events alone.
fn charge(tx: &mut Tx, invoice: Value) {
    // A refusal has recorded what it left behind.
    drop(pay::collect(tx, invoice));
}

fn overdue(tx: &mut Tx, mut invoice: Value) {
    value::set(&mut invoice, "_overdue", true);
    tx.put(invoice.clone());
    tx.emit("invoice.overdue", &invoice);
    subscriptions::invoice_failed(tx, &invoice);
}

/// An attempt without a payment method: nothing is charged, and the attempt counts.
pub(super) fn nothing_to_charge(tx: &mut Tx, mut invoice: Value) -> Value {
    let id = value::id(&invoice).to_owned();
    let before = tx.seen(&invoice);
    let count = value::int(&invoice, "attempt_count") + 1;
    value::set(&mut invoice, "attempt_count", count);
    value::set(&mut invoice, "attempted", true);
    value::set(&mut invoice, "_nothing_to_charge", true);
    plan_retry(tx, &mut invoice);
    tx.put(invoice.clone());
    tx.emit_changed("invoice.updated", &before, &id);
    tx.emit("invoice.payment_failed", &invoice);
    subscriptions::invoice_failed(tx, &invoice);
    invoice
}

/// Writes when a finalized invoice is charged first.
pub(super) fn plan_first(tx: &Tx, invoice: &mut Value) {
    let at = charged_by_itself(invoice).then(|| tx.now() + HOUR);
    value::set(invoice, "next_payment_attempt", at);
}

/// Writes when a refused invoice is tried again.
pub(super) fn plan_retry(tx: &Tx, invoice: &mut Value) {
    let tried = usize::try_from(value::int(invoice, "attempt_count").max(1) - 1).unwrap_or(usize::MAX);
    let days = tx.settings().retry_days.get(tried).filter(|_| charged_by_itself(invoice));
    value::set(invoice, "next_payment_attempt", days.map(|days| tx.now() + i64::from(*days) * 86_400));
}
