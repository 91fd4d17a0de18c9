//! Which clock a request or an act goes by: that of whatever it names first.

use serde_json::Value;

use crate::{state::State, value, wire::Call};

/// Parameters that name something which may be on a clock.
const NAMES: &[&str] =
    &["customer", "subscription", "invoice", "from_subscription", "schedule", "payment_intent", "charge"];
/// Fields through which an object is on its owner's clock.
const OWNERS: &[&str] = &["customer", "subscription", "_subscription", "invoice", "payment_intent", "charge"];

/// The clock of a request, and the second at which it stands. Requests about a clock
/// itself go by the sandbox's time.
pub(crate) fn of_request(state: &State, call: &Call) -> Option<(String, i64)> {
    let named = NAMES.iter().filter_map(|name| call.text(name));
    let found = call.ids.iter().map(String::as_str).chain(named).find_map(|id| of_object(state, id));
    // A list that is narrowed to a clock is no request of the clock's time.
    let makes = call.operation.id == "customers.create";
    found.or_else(|| self::named(state, &call.params).filter(|_| makes))
}

/// The clock that an object, or its owner, is on.
pub(crate) fn of_object(state: &State, id: &str) -> Option<(String, i64)> {
    // An item leads to its subscription, a refund over two steps to its customer.
    fn clock(state: &State, id: &str, steps: u8) -> Option<String> {
        let object = &state.get(id)?.value;
        if let Some(clock) = super::of(object) {
            return Some(clock.to_owned());
        }
        let steps = steps.checked_sub(1)?;
        OWNERS.iter().filter_map(|field| value::text(object, field)).find_map(|id| clock(state, id, steps))
    }
    let on = |id: &str| {
        let object = &state.get(id)?.value;
        (value::text(object, "object") == Some(super::KIND)).then(|| value::int(object, "frozen_time"))
    };
    if id.starts_with("clock_") {
        return None;
    }
    let found: Option<String> = clock(state, id, 3);
    found.and_then(|id| on(&id).map(|at| (id, at)))
}

/// The clock that a new customer names.
fn named(state: &State, params: &serde_json::Map<String, Value>) -> Option<(String, i64)> {
    let id = params.get("test_clock")?.as_str()?;
    let object = &state.get(id)?.value;
    (value::text(object, "object") == Some(super::KIND))
        .then(|| (id.to_owned(), value::int(object, "frozen_time")))
}
