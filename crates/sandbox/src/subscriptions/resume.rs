//! `POST /v1/subscriptions/{id}/resume`: a paused subscription begins a new period now,
//! which is billed now, or goes on in the one that it was in.
//!
//! It stays paused until what it is billed is paid, unless an attempt is enough
//! (`payment_behavior`).

use serde_json::Value;

use super::{anchor, change, create, object, proration, update};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut subscription = tx.at_path("subscription", call.id())?;
    let before = tx.seen(&subscription);
    if subscription["status"] != "paused" {
        return Err(refusal::invalid(format!(
            "You can only resume a paused subscription; this one is {}.",
            value::text(&subscription, "status").unwrap_or_default()
        )));
    }
    if subscription["collection_method"] != "send_invoice" && !object::can_be_charged(tx, &subscription) {
        return Err(create::nothing_to_charge());
    }
    let details = subscription.get("status_details").cloned();
    let credited = subscription.get("_credited").is_some_and(|credited| *credited == true);
    value::set(&mut subscription, "_busy", true);
    activate(&mut subscription);
    tx.put(subscription.clone());
    let terms = change::Terms::of(tx, call)?;
    let unchanged = call.params.get("billing_cycle_anchor").is_some_and(|a| a["type"] == "unchanged");
    let begun =
        if unchanged { go_on(tx, subscription, &terms, credited)? } else { begin_anew(tx, subscription)? };
    change::bill(tx, call.id(), begun, &terms)?;
    if call.text("payment_behavior") != Some("resume_on_payment_attempt") && !unchanged {
        wait(tx, call.id(), details)?;
    }
    let resumed = update::told(tx, call.id(), &before);
    if resumed["status"] != "paused" {
        tx.emit("customer.subscription.resumed", &resumed);
    }
    Ok(resumed)
}

fn activate(subscription: &mut Value) {
    value::set(subscription, "status", "active");
    if let Value::Object(map) = subscription {
        for field in ["status_details", "_credited", "_resumes_with"] {
            map.shift_remove(field);
        }
    }
}

/// A new period from now on.
fn begin_anew(tx: &mut Tx, mut subscription: Value) -> Result<Vec<String>, Refusal> {
    anchor::set(&mut subscription, tx.now());
    let mut begun = Vec::new();
    for mut item in object::items(tx, &subscription) {
        update::restart(tx, &mut item)?;
        begun.push(value::id(&item).to_owned());
        tx.put(item);
    }
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    Ok(begun)
}

/// The rest of the present period. It is billed when nobody paid for it, or what was
/// paid has been credited.
fn go_on(
    tx: &mut Tx,
    mut subscription: Value,
    terms: &change::Terms,
    credited: bool,
) -> Result<Vec<String>, Refusal> {
    let base = anchor::base(&subscription);
    for mut item in object::items(tx, &subscription) {
        let over = value::int(&item, "current_period_end") <= tx.now();
        if over {
            proration::join_period(tx, &mut item, base);
        }
        if over || credited {
            value::set(&mut item, "_billed", 0);
        }
        if (over || credited) && terms.prorates() {
            proration::debit(tx, &subscription, &item, tx.now())?;
            let whole = super::items::cost(tx, &item)?.amount;
            value::set(&mut item, "_billed", whole);
        }
        tx.put(item);
    }
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    Ok(Vec::new())
}

/// Pauses again what was not paid for in this request.
fn wait(tx: &mut Tx, id: &str, details: Option<Value>) -> Result<(), Refusal> {
    let mut subscription = tx.at_path("subscription", id)?;
    let invoice = value::text(&subscription, "latest_invoice").and_then(|id| tx.find("invoice", id)).cloned();
    let Some(invoice) = invoice.filter(|invoice| invoice["status"] == "open") else { return Ok(()) };
    if subscription["collection_method"] == "send_invoice" {
        return Ok(());
    }
    value::set(&mut subscription, "status", "paused");
    value::set(&mut subscription, "_resumes_with", value::id(&invoice));
    if let Some(details) = details {
        value::set(&mut subscription, "status_details", details);
    }
    tx.put(subscription);
    Ok(())
}

/// Whether a paused subscription resumes when this invoice is paid.
pub(super) fn waits_for(subscription: &Value, invoice: &Value) -> bool {
    subscription["status"] == "paused" && subscription.get("_resumes_with") == invoice.get("id")
}

/// What it waited for is paid.
pub(super) fn paid(tx: &mut Tx, subscription: &Value) {
    let mut after = subscription.clone();
    activate(&mut after);
    tx.change("customer.subscription.updated", subscription, after.clone());
    tx.emit("customer.subscription.resumed", &after);
}
