//! `POST /v1/subscription_schedules/{schedule}`: what is to come, and the present phase
//! too.

use serde_json::Value;

use super::{begin, create, object, phases, settings};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = create::live(tx, call, "update")?;
    let mut after = before.clone();
    let customer = value::text(&before, "customer").unwrap_or_default().to_owned();
    if let Some(given) = call.params.get("default_settings") {
        settings::fill(tx, &mut after["default_settings"], given, &customer)?;
    }
    value::assign(&mut after, &call.params, &["end_behavior"]);
    value::merge_metadata(&mut after, &call.params);
    if let Some(given) = call.params.get("phases").and_then(Value::as_array) {
        replan(tx, &mut after, given, &customer)?;
    }
    tx.change("subscription_schedule.updated", &before, after.clone());
    let moved = value::int(&after, "_at");
    let (old, new) = (object::phase(&before, value::int(&before, "_at")), object::phase(&after, moved));
    let same =
        |field: &str| old.as_ref().map(|phase| &phase[field]) == new.as_ref().map(|phase| &phase[field]);
    let changed =
        !["items", "default_payment_method", "collection_method", "trial_end"].iter().all(|f| same(f));
    if let Some(phase) = new.filter(|_| after["status"] == "active" && changed) {
        begin::change(tx, &after, &phase, call.text("proration_behavior"))?;
    }
    Ok(after)
}

/// Writes new phases. Of one that began the first must be the present one; it keeps its
/// start.
fn replan(tx: &mut Tx, schedule: &mut Value, given: &[Value], customer: &str) -> Result<(), Refusal> {
    let active = schedule["status"] == "active";
    let began = schedule["current_phase"]["start_date"].as_i64().filter(|_| active);
    let said = given.first().and_then(|first| first.get("start_date"));
    let now = tx.now();
    let start = match (began, said) {
        (Some(began), Some(said)) if said.as_i64().is_some_and(|at| at != began) => {
            return Err(refusal::invalid(format!(
                "The first phase must be the current one, which began at {began}. Nothing was changed."
            ))
            .with_param("phases[0][start_date]"));
        }
        (Some(began), _) => began,
        (None, Some(said)) => said.as_i64().unwrap_or(now),
        (None, None) => schedule["phases"][0]["start_date"].as_i64().unwrap_or(now),
    };
    let read = phases::read(tx, given, start, customer)?;
    if read.first().is_some_and(|first| active && value::int(first, "end_date") <= now) {
        return Err(refusal::invalid("The current phase cannot end in the past. Nothing was changed.")
            .with_param("phases[0][end_date]"));
    }
    value::set(schedule, "phases", read);
    if active {
        object::enter(schedule, 0);
    }
    if let Value::Object(map) = schedule {
        map.shift_remove("_told_end");
    }
    Ok(())
}
