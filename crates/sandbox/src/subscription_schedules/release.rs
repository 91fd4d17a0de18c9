//! `POST /v1/subscription_schedules/{schedule}/release`: the subscription stays as it is
//! and goes on by itself.

use serde_json::Value;

use super::create;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let schedule = create::live(tx, call, "release")?;
    if schedule["subscription"].is_null() {
        return Err(refusal::invalid(
            "You cannot release a subscription schedule that has not started: it has no subscription yet. Cancel it instead. Nothing was changed.",
        ));
    }
    let keeps = call.flag("preserve_cancel_date") == Some(true);
    Ok(release(tx, schedule, "released", keeps))
}

/// Lets the subscription go and says so: `released`, or `completed` at the end.
pub(super) fn release(tx: &mut Tx, mut schedule: Value, status: &str, keeps_cancel_date: bool) -> Value {
    let id = value::text(&schedule, "subscription").unwrap_or_default().to_owned();
    value::set(&mut schedule, "status", status);
    let when = if status == "released" { "released_at" } else { "completed_at" };
    value::set(&mut schedule, when, tx.now());
    value::set(&mut schedule, "current_phase", Value::Null);
    value::set(&mut schedule, "released_subscription", id.clone());
    value::set(&mut schedule, "subscription", Value::Null);
    tx.put(schedule.clone());
    tx.emit(&format!("subscription_schedule.{status}"), &schedule);
    if let Some(before) = tx.find("subscription", &id).cloned() {
        let mut after = before.clone();
        value::set(&mut after, "schedule", Value::Null);
        if !keeps_cancel_date && before.get("_cancels_with_schedule").is_some() {
            value::set(&mut after, "cancel_at", Value::Null);
        }
        tx.change("customer.subscription.updated", &before, after);
    }
    schedule
}
