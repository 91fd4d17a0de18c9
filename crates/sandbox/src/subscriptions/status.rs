//! What becomes of a subscription when its invoices are paid or not.

use serde_json::{Value, json};

use super::{cancel, object, pending, resume};
use crate::{AfterRetries, state::Tx, value};

/// An invoice has been paid, in whatever way.
pub(crate) fn invoice_paid(tx: &mut Tx, invoice: &Value) {
    let Some(subscription) = of(tx, invoice) else { return };
    if pending::waits_for(&subscription, invoice) {
        return pending::apply(tx, &subscription);
    }
    if resume::waits_for(&subscription, invoice) {
        return resume::paid(tx, &subscription);
    }
    let mut after = subscription.clone();
    let latest = subscription["latest_invoice"] == invoice["id"];
    if latest && matches!(value::text(&subscription, "status"), Some("incomplete" | "past_due" | "unpaid")) {
        value::set(&mut after, "status", "active");
    }
    let saves = subscription["payment_settings"]["save_default_payment_method"] == "on_subscription";
    let intent = value::text(invoice, "_payment_intent").and_then(|id| tx.get(id));
    if let Some(method) = intent.and_then(|i| value::text(i, "payment_method")).filter(|_| saves) {
        value::set(&mut after, "default_payment_method", method);
    }
    store(tx, &subscription, after);
}

/// An attempt to collect an invoice has failed, or it is overdue.
pub(crate) fn invoice_failed(tx: &mut Tx, invoice: &Value) {
    let waits = |s: &Value| pending::waits_for(s, invoice) || resume::waits_for(s, invoice);
    let Some(subscription) = of(tx, invoice).filter(|s| !waits(s)) else { return };
    let gives_up = invoice["auto_advance"] == true
        && invoice["collection_method"] == "charge_automatically"
        && invoice["next_payment_attempt"].is_null()
        // What is given up on is a card that refuses, not one that nobody gave.
        && invoice.get("_nothing_to_charge") != Some(&json!(true));
    match (value::text(&subscription, "status"), tx.settings().after_retries) {
        (Some("active" | "past_due"), AfterRetries::Unpaid) if gives_up => {
            let mut after = subscription.clone();
            value::set(&mut after, "status", "unpaid");
            store(tx, &subscription, after);
        }
        (Some("active" | "past_due"), AfterRetries::Cancel) if gives_up => {
            let mut ended = subscription;
            ended["cancellation_details"]["reason"] = json!("payment_failed");
            cancel::end(tx, ended);
        }
        (Some("active"), _) => {
            let mut after = subscription.clone();
            value::set(&mut after, "status", "past_due");
            store(tx, &subscription, after);
        }
        _ => {}
    }
}

/// The live subscription that an invoice belongs to.
fn of(tx: &Tx, invoice: &Value) -> Option<Value> {
    let id = value::text(invoice, "_subscription")?;
    tx.find("subscription", id).filter(|s| !object::is_over(s)).cloned()
}

/// Stores a change, and tells of it unless a request is at work that will.
fn store(tx: &mut Tx, before: &Value, after: Value) {
    if before.get("_busy").is_some() {
        tx.put(after);
    } else {
        tx.change("customer.subscription.updated", before, after);
    }
}

/// The first payment did not come within a day: over, and its invoice void.
pub(super) fn expire(tx: &mut Tx, subscription: Value) {
    let before = tx.seen(&subscription);
    let mut after = subscription;
    value::set(&mut after, "status", "incomplete_expired");
    value::set(&mut after, "ended_at", tx.now());
    let id = value::id(&after).to_owned();
    let invoice = value::text(&after, "latest_invoice").unwrap_or_default().to_owned();
    tx.put(after);
    tx.emit_changed("customer.subscription.updated", &before, &id);
    crate::invoices::void_open(tx, &invoice);
}
