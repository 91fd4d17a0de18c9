//! Trials: until when, and the word three days before the end.

use serde_json::{Value, json};

use super::anchor;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The longest trial in days (Stripe's docs, Trials: two years).
const DAYS_MAX: i64 = 730;
/// How long before the end it is told of (Stripe's docs, Trials).
pub(super) const NOTICE: i64 = 3 * 86_400;

/// Begins the trial that a new subscription's request asks for.
pub(super) fn begin(tx: &Tx, subscription: &mut Value, call: &Call, price: &Value) -> Result<(), Refusal> {
    let end = match (call.int("trial_period_days"), call.params.get("trial_end")) {
        (Some(_), Some(_)) => return Err(refusal::exclusive("trial_period_days", "trial_end")),
        (Some(days), None) if !(0..=DAYS_MAX).contains(&days) => {
            return Err(refusal::invalid(format!(
                "Invalid trial_period_days: {days}; it must be between 0 and {DAYS_MAX}"
            ))
            .with_param("trial_period_days"));
        }
        (Some(days), None) => (days > 0).then(|| tx.now() + days * 86_400),
        (None, Some(given)) => until(tx, given)?,
        (None, None) if call.flag("trial_from_plan") == Some(true) => {
            let days = price["recurring"]["trial_period_days"].as_i64();
            days.filter(|days| *days > 0).map(|days| tx.now() + days * 86_400)
        }
        (None, None) => None,
    };
    if let Some(end) = end {
        value::set(subscription, "trial_start", tx.now());
        set_end(subscription, end);
    }
    Ok(())
}

/// The time that `trial_end` names; `None` for now.
pub(super) fn until(tx: &Tx, given: &Value) -> Result<Option<i64>, Refusal> {
    if given == "now" {
        return Ok(None);
    }
    let within = tx.now() + 1..=tx.now() + DAYS_MAX * 86_400;
    match given.as_i64().filter(|at| within.contains(at)) {
        Some(at) => Ok(Some(at)),
        None => Err(refusal::invalid(format!(
            "Invalid trial_end: it must be `now` or a time in the next {DAYS_MAX} days"
        ))
        .with_param("trial_end")),
    }
}

/// Writes the end, from which the paid periods are counted.
pub(super) fn set_end(subscription: &mut Value, end: i64) {
    value::set(subscription, "trial_end", end);
    anchor::set(subscription, end);
}

/// When the end of the trial is to be told of; `None` once it was.
pub(super) fn notice_at(subscription: &Value) -> Option<i64> {
    let end = subscription["trial_end"].as_i64().filter(|_| subscription["status"] == "trialing")?;
    (subscription.get("_told_trial_end") != Some(&json!(end))).then_some(end - NOTICE)
}

/// Tells of the end when it is near: three days before, or at once when the trial is
/// shorter than that.
pub(super) fn tell_soon(tx: &mut Tx, id: &str) {
    let Some(mut subscription) = tx.get(id).cloned() else { return };
    if notice_at(&subscription).is_some_and(|at| at <= tx.now()) {
        let end = subscription["trial_end"].clone();
        value::set(&mut subscription, "_told_trial_end", end);
        tx.put(subscription.clone());
        tx.emit("customer.subscription.trial_will_end", &subscription);
    }
}
