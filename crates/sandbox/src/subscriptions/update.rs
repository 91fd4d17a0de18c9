//! `POST /v1/subscriptions/{id}`: items, how it is collected, when it ends.

use serde_json::Value;

use super::{
    anchor,
    change::{Terms, bill, change_items},
    collection, discounted, items, object, params, pause, pending, periods, proration, trial,
};
use crate::{
    discounts, invoice_items,
    state::Tx,
    value,
    versions::Seen,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut subscription = tx.at_path("subscription", call.id())?;
    let before = tx.seen(&subscription);
    if object::is_over(&subscription) {
        return over(tx, subscription, &before, call);
    }
    let terms = Terms::of(tx, call)?;
    let held = pending::before(tx, &subscription, call)?;
    value::set(&mut subscription, "_busy", true);
    params::fill(tx, &mut subscription, call)?;
    let had = discounts::ids(&subscription);
    discounted::fill(tx, &mut subscription, call)?;
    discounted::tell(tx, &had, &discounts::ids(&subscription));
    collection::fill(tx, &mut subscription, call)?;
    params::cancellation_details(&mut subscription, call);
    tx.put(subscription);
    let restarts_trial = end_of_trial(tx, call, &terms)?;
    let given = call.params.get("items").and_then(Value::as_array);
    let mut restarted = change_items(tx, call.id(), given.map_or(&[][..], Vec::as_slice), "items", &terms)?;
    if terms.restarts() && restarts_trial.is_empty() {
        restarted = anchor::restart_all(tx, call.id(), restarted, terms.prorates())?;
    }
    let mut subscription = tx.at_path("subscription", call.id())?;
    if let Some(Value::Array(added)) = call.params.get("add_invoice_items") {
        invoice_items::added(tx, &subscription, added, "add_invoice_items")?;
    }
    params::cancel_at(tx, &mut subscription, call)?;
    tx.put(subscription);
    bill(tx, call.id(), [restarts_trial, restarted].concat(), &terms)?;
    if let Some(before) = held {
        pending::hold(tx, call.id(), before)?;
    }
    Ok(told(tx, call.id(), &before))
}

/// Ends the work on a subscription and tells of it.
pub(crate) fn told(tx: &mut Tx, id: &str, before: &Seen) -> Value {
    let done = super::finish(tx, id);
    if done.get("_pauses").is_some() {
        let mut done = done;
        if let Value::Object(map) = &mut done {
            map.shift_remove("_pauses");
        }
        return pause::paused(tx, done, before, "trial_end_without_payment_method");
    }
    tx.emit_changed("customer.subscription.updated", before, id);
    trial::tell_soon(tx, id);
    tx.get(id).cloned().unwrap_or(done)
}

/// Of what is over only the words about it change.
fn over(tx: &mut Tx, mut subscription: Value, before: &Seen, call: &Call) -> Result<Value, Refusal> {
    const ALLOWED: &[&str] = &["cancellation_details", "expand", "metadata"];
    if let Some(name) = call.params.keys().find(|name| !ALLOWED.contains(&name.as_str())) {
        return Err(refusal::invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
        )
        .with_param(name));
    }
    params::cancellation_details(&mut subscription, call);
    value::merge_metadata(&mut subscription, &call.params);
    tx.put(subscription.clone());
    tx.emit_changed("customer.subscription.updated", before, call.id());
    Ok(subscription)
}

/// Moves the end of a trial, or ends it. Returns the items whose paid period begins.
fn end_of_trial(tx: &mut Tx, call: &Call, terms: &Terms) -> Result<Vec<String>, Refusal> {
    let Some(given) = call.params.get("trial_end") else { return Ok(Vec::new()) };
    let mut subscription = tx.at_path("subscription", call.id())?;
    let end = trial::until(tx, given)?;
    if subscription["status"] != "trialing" {
        if let Some(end) = end {
            begin_trial(tx, subscription, end, terms)?;
        }
        return Ok(Vec::new());
    }
    let missing = &subscription["trial_settings"]["end_behavior"]["missing_payment_method"];
    let charged = subscription["collection_method"] == "charge_automatically";
    if end.is_none() && missing == "pause" && charged && !object::can_be_charged(tx, &subscription) {
        value::set(&mut subscription, "_pauses", true);
        trial::set_end(&mut subscription, tx.now());
        tx.put(subscription);
        return Ok(Vec::new());
    }
    let mut begun = Vec::new();
    let now = tx.now();
    trial::set_end(&mut subscription, end.unwrap_or(now));
    if end.is_none() {
        value::set(&mut subscription, "status", "active");
    }
    for mut item in object::items(tx, &subscription) {
        value::set(&mut item, "_anchor", end.unwrap_or(now));
        value::set(&mut item, "current_period_end", end);
        if end.is_none() {
            restart(tx, &mut item)?;
            begun.push(value::id(&item).to_owned());
        }
        tx.put(item);
    }
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    Ok(begun)
}

/// Begins a trial of a subscription that has been billed: what was paid for the rest of
/// its period is credited.
fn begin_trial(tx: &mut Tx, mut subscription: Value, end: i64, terms: &Terms) -> Result<(), Refusal> {
    if !matches!(value::text(&subscription, "status"), Some("active" | "past_due")) {
        return Err(refusal::invalid(format!(
            "A trial can only begin on an active subscription; this one is {}.",
            value::text(&subscription, "status").unwrap_or_default()
        ))
        .with_param("trial_end"));
    }
    for mut item in object::items(tx, &subscription) {
        if terms.prorates() {
            proration::credit(tx, &subscription, &item, tx.now())?;
        }
        value::set(&mut item, "_anchor", end);
        value::set(&mut item, "_billed", 0);
        value::set(&mut item, "current_period_start", tx.now());
        value::set(&mut item, "current_period_end", end);
        tx.put(item);
    }
    value::set(&mut subscription, "status", "trialing");
    value::set(&mut subscription, "trial_start", tx.now());
    trial::set_end(&mut subscription, end);
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    Ok(())
}

/// Begins the item's period anew, now.
pub(super) fn restart(tx: &Tx, item: &mut Value) -> Result<(), Refusal> {
    let price = object::price_of(tx, item);
    value::set(item, "_anchor", tx.now());
    value::set(item, "current_period_start", tx.now());
    value::set(item, "current_period_end", periods::end_after(tx.now(), &price, tx.now()));
    let cost = items::cost(tx, item)?;
    value::set(item, "_billed", cost.amount);
    Ok(())
}
