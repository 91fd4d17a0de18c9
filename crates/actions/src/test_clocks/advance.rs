//! `stripe.advanceTestClock`: let time pass on a test clock.
//!
//! Stripe answers at once with `advancing`; what falls due on the way happens in order, and
//! `test_helpers.test_clock.ready` tells of the end. A clock never goes back.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.advanceTestClock",
    title: "Advance test clock",
    about: "Moves a test clock forward; what falls due on the way happens. The answer comes before that: wait for \
            `test_helpers.test_clock.ready`. At most two intervals of the shortest subscription at once.",
    operation: post("testHelpers.testClocks.advance"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("test_helpers_test_clocks"),
    reconcile: Reconcile::ByValues { operation: get("testHelpers.testClocks.retrieve") },
    fields: &[
        field("testClockId", "test_clock").required().says("The clock's id (`clock_…`)."),
        field("frozenTime", "frozen_time")
            .required()
            .says("Where it goes, in Unix seconds; later than it stands."),
    ],
    hints: &[Hint { field: "days", says: "Give `frozenTime` in Unix seconds: a day is 86400 of them." }],
    example: r#"{"testClockId": "{test_clock}", "frozenTime": 1580515200}"#,
};
