//! `POST /v1/test_helpers/test_clocks/{test_clock}/advance`, and what it takes to get
//! there: `schedule` does what is due on the way, one record each.

use serde_json::{Value, json};

use super::{KIND, create::check_time, only_ready};
use crate::{
    state::Tx,
    subscriptions, value,
    wire::{Call, Refusal, refusal},
};

/// How far a clock without subscriptions goes at once (Stripe's docs, Test clocks).
const WITHOUT_SUBSCRIPTIONS: i64 = 2 * 366 * 86_400;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut clock = tx.at_path(KIND, call.id())?;
    only_ready(&clock)?;
    let (now, target) = (value::int(&clock, "frozen_time"), call.int("frozen_time").unwrap_or_default());
    check_time(target)?;
    if target <= now {
        return Err(refusal::invalid(format!(
            "Cannot advance a test clock to {target}: it stands at {now} and only goes forward. Nothing was changed."
        ))
        .with_param("frozen_time"));
    }
    let furthest = furthest(tx, &clock, now);
    if target > furthest {
        return Err(refusal::invalid(format!(
            "Cannot advance a test clock more than two intervals of its shortest subscription at once: at most to {furthest}. Nothing was changed."
        ))
        .with_param("frozen_time"));
    }
    value::set(&mut clock, "status", "advancing");
    value::set(&mut clock, "status_details", json!({"advancing": {"target_frozen_time": target}}));
    value::set(&mut clock, "_advances_at", tx.real_now());
    tx.put(clock.clone());
    tx.emit("test_helpers.test_clock.advancing", &clock);
    Ok(clock)
}

/// Two of the shortest interval from now on.
fn furthest(tx: &Tx, clock: &Value, now: i64) -> i64 {
    let subscriptions = tx.pointing_at("subscription", value::id(clock));
    let live = subscriptions.iter().filter(|one| !subscriptions::is_over(one));
    let ends = live.flat_map(|one| subscriptions::items(tx, one)).map(|item| {
        let price = subscriptions::price_of(tx, &item);
        let end = subscriptions::end_after(now, &price, now);
        subscriptions::end_after(now, &price, end)
    });
    ends.min().unwrap_or(now + WITHOUT_SUBSCRIPTIONS)
}

/// Where an advancing clock goes.
pub(crate) fn target_of(clock: &Value) -> Option<i64> {
    clock["status_details"]["advancing"]["target_frozen_time"].as_i64()
}

/// Moves the clock along to an act that is due on it, so that what shows is the act's time.
pub(crate) fn begin_act(tx: &mut Tx, clock: &str, at: i64) {
    if let Some(mut clock) = tx.get(clock).cloned() {
        let at = at.max(value::int(&clock, "frozen_time"));
        value::set(&mut clock, "frozen_time", at);
        tx.put(clock);
    }
}

/// The clock has arrived.
pub(crate) fn ready(tx: &mut Tx, mut clock: Value) {
    if let Some(target) = target_of(&clock) {
        value::set(&mut clock, "frozen_time", target);
    }
    value::set(&mut clock, "status", "ready");
    value::set(&mut clock, "status_details", json!({}));
    if let Value::Object(map) = &mut clock {
        map.shift_remove("_advances_at");
    }
    tx.put(clock.clone());
    tx.emit("test_helpers.test_clock.ready", &clock);
}
