//! Test clocks (Stripe's API, Test clocks): a time of their own for a few customers and
//! all that becomes of them.
//!
//! A request about such a customer runs at the clock's frozen time, and so does what
//! falls due. Only deliveries go out at the sandbox's time, which is when they are made.
//! An advance is answered at once and happens before the next request.

mod advance;
mod create;
mod delete;
mod request;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    state::Tx,
    value,
    wire::{Refusal, list::Listing, refusal},
};

pub(crate) use advance::{begin_act, ready, target_of};
pub(crate) use delete::perform_due;
pub(crate) use request::{of_object, of_request};

/// What `object` says of a test clock.
pub(crate) const KIND: &str = "test_helpers.test_clock";
/// How long a clock stays (Stripe's docs, Test clocks).
const LIFETIME: i64 = 30 * 86_400;
/// The most customers of a clock, and subscriptions of each of them.
const CUSTOMERS_MAX: usize = 3;
const SUBSCRIPTIONS_MAX: usize = 3;

pub(crate) static ROWS: &[Row] = &[
    run("testHelpers.testClocks.create", &["customer", "frozen_time", "name"], create::run),
    retrieve("testHelpers.testClocks.retrieve", KIND),
    list("testHelpers.testClocks.list", &CLOCKS),
    run("testHelpers.testClocks.advance", &["frozen_time"], advance::run),
    run("testHelpers.testClocks.del", &[], delete::run),
];

static CLOCKS: Listing = Listing { kind: KIND, parent: None, filters: &[] };

/// What lists leave out while it is on a clock that nobody named.
const HIDDEN: &[&str] = &["customer", "invoice", "invoiceitem", "subscription", "subscription_schedule"];
/// Parameters by which somebody names it.
const NAMING: &[&str] = &["customer", "invoice", "subscription", "test_clock"];

/// Whether a list with these parameters leaves an object out because it is on a clock.
pub(crate) fn hides(params: &serde_json::Map<String, Value>, object: &Value) -> bool {
    of(object).is_some()
        && value::text(object, "object").is_some_and(|kind| HIDDEN.contains(&kind))
        && !NAMING.iter().any(|name| params.contains_key(*name))
}

/// The clock that an object says it is on.
pub(crate) fn of(object: &Value) -> Option<&str> {
    value::text(object, "test_clock").or_else(|| value::text(object, "_test_clock"))
}

/// When something is next due for a clock itself, on the sandbox's time.
pub(crate) fn due_at(clock: &Value) -> Option<i64> {
    clock.get("_advances_at").and_then(Value::as_i64).or_else(|| clock["deletes_after"].as_i64())
}

/// Puts a new customer on the clock that a request names.
///
/// # Errors
/// No such clock, one that is advancing, or one that has its customers.
pub(crate) fn take_customer(tx: &Tx, clock: &str, param: &str) -> Result<(), Refusal> {
    let clock = tx.at_param(KIND, clock, param)?;
    only_ready(&clock)?;
    if tx.pointing_at("customer", value::id(&clock)).len() >= CUSTOMERS_MAX {
        return Err(refusal::invalid(format!(
            "You have reached the limit of {CUSTOMERS_MAX} customers for this test clock. Nothing was changed. Use another clock."
        ))
        .with_param(param));
    }
    Ok(())
}

/// Refuses one more subscription of a customer on a clock than there may be.
pub(crate) fn room_for_subscription(tx: &Tx, customer: &Value) -> Result<(), Refusal> {
    let on_clock = of(customer).is_some();
    if on_clock && tx.pointing_at("subscription", value::id(customer)).len() >= SUBSCRIPTIONS_MAX {
        return Err(refusal::invalid(format!(
            "You have reached the limit of {SUBSCRIPTIONS_MAX} subscriptions for a customer on a test clock. Nothing was changed."
        ))
        .with_code("customer_max_subscriptions")
        .with_param("customer"));
    }
    Ok(())
}

fn only_ready(clock: &Value) -> Result<(), Refusal> {
    if clock["status"] == "ready" {
        return Ok(());
    }
    Err(refusal::invalid("Test clock advancement underway - cannot perform modifications until it is ready."))
}
