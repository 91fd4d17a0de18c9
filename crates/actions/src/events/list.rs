//! `stripe.listEvents`: page through what happened, newest first.
//!
//! Stripe keeps events for 30 days, each as the object was at its time and in the
//! version that the account had.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listEvents",
    title: "List events",
    about: "Lists the account's events of the last 30 days, newest first, ten a page unless `limit` says \
            otherwise.",
    operation: get("events.list"),
    effect: Effect::Read,
    permission: Permission::read("events"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("type", "type")
            .says("Only of this type, such as `invoice.paid`; `invoice.*` for all of a kind."),
        field("types", "types").says("Only of these types, at most 20. This or `type`."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("deliverySuccess", "delivery_success")
            .says("Only those that every webhook endpoint has taken, or only the others."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last event of the page before."),
        field("endingBefore", "ending_before").says("The id of the first event of the page after."),
    ],
    hints: &[],
    example: r#"{"type": "invoice.paid", "limit": 3}"#,
};
