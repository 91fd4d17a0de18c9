//! `POST /v1/subscriptions/{id}/pause`: nothing is billed until it is resumed. Time that
//! was paid for and not used is credited where asked for.

use serde_json::{Value, json};

use super::{billing, object, proration};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut subscription = tx.at_path("subscription", call.id())?;
    if !matches!(value::text(&subscription, "status"), Some("active" | "trialing" | "past_due" | "unpaid")) {
        return Err(refusal::invalid(format!(
            "You can only pause a subscription that is active, trialing, past_due, or unpaid; this one is {}.",
            value::text(&subscription, "status").unwrap_or_default()
        )));
    }
    let before = tx.seen(&subscription);
    let from = call.params.get("bill_for").and_then(|b| b.get("unused_time_from"));
    let credited = credit(tx, &subscription, from.and_then(|f| value::text(f, "type")))?;
    value::set(&mut subscription, "_busy", true);
    value::set(&mut subscription, "_credited", credited);
    tx.put(subscription.clone());
    if call.text("invoicing_behavior") == Some("invoice") && credited {
        let invoice = billing::draft(tx, &subscription, "subscription_update", &[])?;
        super::latest(tx, call.id(), &invoice);
        let charges = subscription["collection_method"] == "charge_automatically";
        billing::issue(tx, invoice, charges)?;
    }
    let done = super::finish(tx, call.id());
    Ok(paused(tx, done, &before, "pause_requested"))
}

/// Credits unused time from a moment on. Whether it did.
fn credit(tx: &mut Tx, subscription: &Value, from: Option<&str>) -> Result<bool, Refusal> {
    if !matches!(from, Some("now" | "item_current_period_start")) || subscription["status"] == "trialing" {
        return Ok(false);
    }
    for item in object::items(tx, subscription) {
        let at = if from == Some("now") { tx.now() } else { value::int(&item, "current_period_start") };
        proration::credit(tx, subscription, &item, at)?;
    }
    Ok(true)
}

/// Pauses and tells of it.
pub(super) fn paused(
    tx: &mut Tx,
    mut subscription: Value,
    before: &crate::versions::Seen,
    why: &str,
) -> Value {
    value::set(&mut subscription, "status", "paused");
    let details = json!({"paused": {
        "subscription": {"type": why},
        "transitioned_at": tx.now(),
        "type": "subscription",
    }});
    value::set(&mut subscription, "status_details", details);
    let id = value::id(&subscription).to_owned();
    tx.put(subscription.clone());
    tx.emit_changed("customer.subscription.updated", before, &id);
    tx.emit("customer.subscription.paused", &subscription);
    subscription
}
