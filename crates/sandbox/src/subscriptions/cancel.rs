//! `DELETE /v1/subscriptions/{id}`, and every other end. `customer.subscription.deleted`
//! is the last word; no `.updated` comes with it.

use serde_json::{Value, json};

use super::{billing, object, params, proration};
use crate::{
    invoices,
    state::Tx,
    subscription_schedules, value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut subscription = tx.at_path("subscription", call.id())?;
    if object::is_over(&subscription) {
        return Err(refusal::missing("subscription", call.id(), "id").with_status(404));
    }
    params::cancellation_details(&mut subscription, call);
    tx.put(subscription);
    cancel_with(tx, call.id(), call.flag("prorate") == Some(true), call.flag("invoice_now") == Some(true))
}

/// Ends a subscription now, crediting and billing what is to be.
///
/// # Errors
/// The final invoice cannot be made.
pub(crate) fn cancel_with(tx: &mut Tx, id: &str, prorates: bool, bills: bool) -> Result<Value, Refusal> {
    let mut subscription = tx.at_path("subscription", id)?;
    value::set(&mut subscription, "_busy", true);
    tx.put(subscription.clone());
    if prorates && subscription["status"] != "trialing" {
        for item in object::items(tx, &subscription) {
            proration::credit(tx, &subscription, &item, tx.now())?;
        }
    }
    if bills {
        final_invoice(tx, &subscription)?;
    }
    let mut subscription = super::finish(tx, id);
    if subscription["cancellation_details"]["reason"].is_null() {
        subscription["cancellation_details"]["reason"] = json!("cancellation_requested");
    }
    Ok(end(tx, subscription))
}

/// Bills what is pending for the subscription; a refused card changes nothing of the
/// cancellation.
fn final_invoice(tx: &mut Tx, subscription: &Value) -> Result<(), Refusal> {
    let pending = tx.pointing_at("invoiceitem", value::text(subscription, "customer").unwrap_or_default());
    let own = |item: &Value| item["invoice"].is_null() && item.get("_subscription") == subscription.get("id");
    if !pending.iter().any(own) {
        return Ok(());
    }
    let invoice = billing::draft(tx, subscription, "subscription_update", &[])?;
    super::latest(tx, value::id(subscription), &invoice);
    let charges = subscription["collection_method"] == "charge_automatically";
    billing::issue(tx, invoice, charges)?;
    Ok(())
}

/// Ends a subscription now. What it still asks for is no longer collected by itself;
/// a first invoice that was never paid is void.
pub(super) fn end(tx: &mut Tx, mut subscription: Value) -> Value {
    let now = tx.now();
    let never_paid = subscription["status"] == "incomplete";
    value::set(&mut subscription, "status", "canceled");
    value::set(&mut subscription, "ended_at", now);
    if subscription["canceled_at"].is_null() {
        value::set(&mut subscription, "canceled_at", now);
    }
    tx.put(subscription.clone());
    tx.emit("customer.subscription.deleted", &subscription);
    subscription_schedules::subscription_ended(tx, &subscription);
    for invoice in tx.pointing_at("invoice", value::id(&subscription)) {
        match value::text(&invoice, "status") {
            Some("open") if never_paid => invoices::void_open(tx, value::id(&invoice)),
            Some("open" | "draft") => invoices::stop(tx, invoice),
            _ => {}
        }
    }
    subscription
}

/// The schedule of a subscription is over, and the subscription with it.
pub(crate) fn end_by_schedule(tx: &mut Tx, id: &str) {
    if let Some(mut subscription) = tx.find("subscription", id).filter(|s| !object::is_over(s)).cloned() {
        subscription["cancellation_details"]["reason"] = json!("cancellation_requested");
        end(tx, subscription);
    }
}

/// The customer goes, and its subscriptions with it.
pub(crate) fn of_deleted_customer(tx: &mut Tx, customer: &str) {
    for mut subscription in tx.pointing_at("subscription", customer) {
        if !object::is_over(&subscription) {
            subscription["cancellation_details"]["reason"] = json!("cancellation_requested");
            end(tx, subscription);
        }
    }
}
