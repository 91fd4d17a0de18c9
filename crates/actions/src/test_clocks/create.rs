//! `stripe.createTestClock`: a time of their own for a few test customers.
//!
//! Test mode only. A customer is put on the clock when it is created, with `testClock`.
//! Stripe's list of clocks has no filter, so after a lost answer a person decides.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createTestClock",
    title: "Create test clock",
    about: "Creates a test clock, in test mode only. Customers that are created with `testClock` live on its time: up \
            to three, with three subscriptions each. It goes by itself after 30 days, and they with it.",
    operation: post("testHelpers.testClocks.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("test_helpers_test_clocks"),
    reconcile: Reconcile::Park,
    fields: &[
        field("frozenTime", "frozen_time")
            .required()
            .says("The time at which the clock stands first, in Unix seconds."),
        field("name", "name").says("What people call it."),
    ],
    hints: &[Hint {
        field: "customerId",
        says: "Create the customer on the clock: stripe.createCustomer with `testClock: clock_…`.",
    }],
    example: r#"{"frozenTime": 1577836800, "name": "New year"}"#,
};
