//! What time does to schedules: the start, every next phase, the word before the end, the
//! end.

use serde_json::{Value, json};

use super::{KIND, begin, cancel, object, release};
use crate::{state::Tx, subscriptions, value};

/// How long before the end it is told of. The docs say seven days; the Stripe CLI's trigger
/// waits for the word nine days before.
const NOTICE: i64 = 10 * 86_400;

/// When something is next due for a schedule.
pub(crate) fn due_at(schedule: &Value) -> Option<i64> {
    match value::text(schedule, "status") {
        Some("not_started") => schedule["phases"][0]["start_date"].as_i64(),
        Some("active") => {
            let next = schedule["current_phase"]["end_date"].as_i64();
            next.into_iter().chain(notice_at(schedule)).min()
        }
        _ => None,
    }
}

fn last_end(schedule: &Value) -> Option<i64> {
    schedule["phases"].as_array()?.last()?["end_date"].as_i64()
}

/// When the end is to be told of; `None` once it was. A short schedule has no such word
/// before it begins.
fn notice_at(schedule: &Value) -> Option<i64> {
    let end = last_end(schedule)?;
    (schedule.get("_told_end") != Some(&json!(end))).then_some(end - NOTICE)
}

/// Does what is due.
pub(crate) fn perform_due(tx: &mut Tx, schedule: Value) {
    let now = tx.now();
    if schedule["status"] == "not_started" {
        let id = value::id(&schedule).to_owned();
        let before = tx.seen(&schedule);
        match begin::begin(tx, schedule.clone()) {
            Ok(_) => tx.emit_changed("subscription_schedule.updated", &before, &id),
            Err(refused) => give_up(tx, schedule, &refused.error),
        }
    } else if schedule["current_phase"]["end_date"].as_i64().is_some_and(|at| at <= now) {
        next(tx, schedule);
    } else {
        tell_end(tx, schedule);
    }
}

fn tell_end(tx: &mut Tx, mut schedule: Value) {
    let end = last_end(&schedule);
    value::set(&mut schedule, "_told_end", end);
    tx.put(schedule.clone());
    tx.emit("subscription_schedule.expiring", &schedule);
}

/// A renewal is due: a phase that begins with it comes first.
pub(crate) fn before_renewal(tx: &mut Tx, subscription: &Value) {
    let Some(schedule) = value::text(subscription, "schedule").and_then(|id| tx.find(KIND, id)).cloned()
    else {
        return;
    };
    let over = schedule["current_phase"]["end_date"].as_i64().is_some_and(|at| at <= tx.now());
    if over && schedule["status"] == "active" {
        next(tx, schedule);
    }
}

/// The present phase is over.
fn next(tx: &mut Tx, schedule: Value) {
    let at = value::int(&schedule, "_at") + 1;
    let Some(phase) = object::phase(&schedule, at) else { return end(tx, schedule) };
    let mut after = schedule.clone();
    object::enter(&mut after, at);
    tx.change("subscription_schedule.updated", &schedule, after.clone());
    if let Err(refused) = begin::change(tx, &after, &phase, None) {
        tracing::warn!(error = ?refused.error, schedule = %value::id(&after), "a phase cannot begin");
    }
}

/// The last phase is over.
fn end(tx: &mut Tx, schedule: Value) {
    match value::text(&schedule, "end_behavior") {
        Some("cancel") => {
            let subscription = value::text(&schedule, "subscription").unwrap_or_default().to_owned();
            let mut done = schedule;
            value::set(&mut done, "status", "completed");
            value::set(&mut done, "completed_at", tx.now());
            value::set(&mut done, "current_phase", Value::Null);
            tx.put(done.clone());
            tx.emit("subscription_schedule.completed", &done);
            subscriptions::end_by_schedule(tx, &subscription);
        }
        Some("renew") => renew(tx, schedule),
        _ => drop(release::release(tx, schedule, "completed", false)),
    }
}

/// The last phase once more.
fn renew(tx: &mut Tx, schedule: Value) {
    let at = value::int(&schedule, "_at");
    let mut after = schedule.clone();
    if let Some(phase) = after["phases"].get_mut(usize::try_from(at).unwrap_or_default()) {
        let (start, end) = (value::int(phase, "start_date"), value::int(phase, "end_date"));
        value::set(phase, "start_date", end);
        value::set(phase, "end_date", end + (end - start).max(1));
    }
    object::enter(&mut after, at);
    tx.change("subscription_schedule.updated", &schedule, after);
}

/// A schedule that cannot begin is over.
fn give_up(tx: &mut Tx, schedule: Value, error: &serde_json::Map<String, Value>) {
    tracing::warn!(?error, schedule = %value::id(&schedule), "a schedule cannot begin");
    cancel::aborted(tx, schedule);
}
