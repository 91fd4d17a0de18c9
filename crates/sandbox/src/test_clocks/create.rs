//! `POST /v1/test_helpers/test_clocks`.

use serde_json::{Value, json};

use super::{KIND, LIFETIME};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The longest name (Stripe's API, Test clocks).
const NAME_CHARS_MAX: usize = 300;
/// Unix seconds of the year 2200, beyond which nothing here is billed.
const TIME_MAX: i64 = 7_258_118_400;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let frozen = call.int("frozen_time").unwrap_or_default();
    check_time(frozen)?;
    if call.text("name").is_some_and(|name| name.chars().count() > NAME_CHARS_MAX) {
        return Err(
            refusal::invalid(format!("Invalid name: at most {NAME_CHARS_MAX} characters")).with_param("name")
        );
    }
    let now = tx.real_now();
    let clock = json!({
        "id": tx.ids().object("clock"),
        "object": KIND,
        "created": now,
        "deletes_after": now + LIFETIME,
        "frozen_time": frozen,
        "livemode": false,
        "name": call.text("name"),
        "status": "ready",
        "status_details": {},
    });
    tx.put(clock.clone());
    tx.emit("test_helpers.test_clock.created", &clock);
    if let Some(customer) = call.text("customer") {
        take_existing(tx, customer, value::id(&clock))?;
    }
    Ok(clock)
}

/// A time that a clock can show.
pub(super) fn check_time(frozen: i64) -> Result<(), Refusal> {
    if (0..=TIME_MAX).contains(&frozen) {
        return Ok(());
    }
    Err(refusal::invalid(format!("Invalid timestamp: {frozen}; it must be between 0 and {TIME_MAX}"))
        .with_param("frozen_time"))
}

/// A customer that nothing was ever billed can still be put on a clock.
fn take_existing(tx: &mut Tx, id: &str, clock: &str) -> Result<(), Refusal> {
    let before = tx.at_param("customer", id, "customer")?;
    let billed = ["invoice", "invoiceitem", "subscription", "subscription_schedule"];
    if super::of(&before).is_some() || billed.iter().any(|kind| !tx.pointing_at(kind, id).is_empty()) {
        return Err(refusal::invalid(
            "Only a customer without a test clock, invoices, and subscriptions can be put on a test clock. Nothing was changed.",
        )
        .with_param("customer"));
    }
    let mut after = before.clone();
    value::set(&mut after, "test_clock", clock);
    tx.change("customer.updated", &before, after);
    Ok(())
}
