//! `pause_collection`: the subscription goes on, and what becomes of its invoices
//! meanwhile is one of three things (Stripe's docs, Pause payment collection).

use serde_json::{Value, json};

use crate::{
    invoices,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// Writes what an update says of it.
///
/// # Errors
/// A time to go on that has passed.
pub(super) fn fill(tx: &Tx, subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(given) = call.params.get("pause_collection") else { return Ok(()) };
    if value::clears(given) {
        value::set(subscription, "pause_collection", Value::Null);
        return Ok(());
    }
    let resumes = given.get("resumes_at").and_then(Value::as_i64);
    if resumes.is_some_and(|at| at <= tx.now()) {
        return Err(refusal::invalid("Invalid resumes_at: it must be a time in the future")
            .with_param("pause_collection[resumes_at]"));
    }
    let paused = json!({"behavior": given["behavior"], "resumes_at": resumes});
    value::set(subscription, "pause_collection", paused);
    Ok(())
}

/// When payments are collected again by themselves.
pub(super) fn resumes_at(subscription: &Value) -> Option<i64> {
    subscription["pause_collection"]["resumes_at"].as_i64()
}

/// Payments are collected again.
pub(super) fn resume(tx: &mut Tx, subscription: &Value) {
    let mut after = subscription.clone();
    value::set(&mut after, "pause_collection", Value::Null);
    tx.change("customer.subscription.updated", subscription, after);
}

/// Lets a new invoice of a subscription wait that nobody is to be asked to pay.
pub(super) fn hold(subscription: &Value, invoice: &mut Value) {
    let drafts = subscription["pause_collection"]["behavior"] == "keep_as_draft";
    // Of an unpaid subscription nothing is collected until its latest invoice is paid.
    if drafts || subscription["status"] == "unpaid" {
        value::set(invoice, "auto_advance", false);
        value::set(invoice, "automatically_finalizes_at", Value::Null);
    }
}

/// Ends an open invoice whose subscription collects nothing, as its `behavior` says.
/// Whether it did.
pub(crate) fn ends_invoice(tx: &mut Tx, invoice: &Value) -> bool {
    let subscription = value::text(invoice, "_subscription").and_then(|id| tx.find("subscription", id));
    let behavior =
        subscription.and_then(|s| value::text(&s["pause_collection"], "behavior")).map(str::to_owned);
    match behavior.as_deref() {
        Some("void") => invoices::void_open(tx, value::id(invoice)),
        Some("mark_uncollectible") => invoices::give_up(tx, value::id(invoice)),
        _ => return false,
    }
    true
}
