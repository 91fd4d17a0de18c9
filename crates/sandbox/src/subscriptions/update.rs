//! `POST /v1/subscriptions/{id}`: items, how it is collected, when it ends.

use serde_json::Value;

use super::{
    change::{Terms, bill, change_items},
    items, object, params, periods, trial,
};
use crate::{
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
    value::set(&mut subscription, "_busy", true);
    params::fill(tx, &mut subscription, call)?;
    params::cancellation_details(&mut subscription, call);
    tx.put(subscription);
    let restarts_trial = end_of_trial(tx, call)?;
    let given = call.params.get("items").and_then(Value::as_array);
    let restarted = change_items(tx, call.id(), given.map_or(&[][..], Vec::as_slice), "items", &terms)?;
    let mut subscription = tx.at_path("subscription", call.id())?;
    params::cancel_at(tx, &mut subscription, call)?;
    tx.put(subscription);
    bill(tx, call.id(), [restarts_trial, restarted].concat(), &terms)?;
    Ok(told(tx, call.id(), &before))
}

/// Ends the work on a subscription and tells of it.
pub(crate) fn told(tx: &mut Tx, id: &str, before: &Seen) -> Value {
    let done = super::finish(tx, id);
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
fn end_of_trial(tx: &mut Tx, call: &Call) -> Result<Vec<String>, Refusal> {
    let Some(given) = call.params.get("trial_end") else { return Ok(Vec::new()) };
    let mut subscription = tx.at_path("subscription", call.id())?;
    if subscription["status"] != "trialing" {
        if given == "now" {
            return Ok(Vec::new());
        }
        let what = "a trial of a subscription that is not trialing";
        return Err(refusal::not_here(what).with_param("trial_end"));
    }
    let end = trial::until(tx, given)?;
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
