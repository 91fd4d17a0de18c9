//! `stripe.listDisputes`: page through disputes, newest first.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listDisputes",
    title: "List disputes",
    about: "Lists disputes, each with its reason, its status and until when it can be answered, newest first, ten a \
            page unless `limit` says otherwise.",
    operation: get("disputes.list"),
    effect: Effect::Read,
    permission: Permission::read("disputes"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("chargeId", "charge").says("Only of this charge."),
        field("paymentIntentId", "payment_intent").says("Only of this payment intent."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last one of the page before."),
        field("endingBefore", "ending_before").says("The id of the first one of the page after."),
    ],
    hints: &[],
    example: r#"{"chargeId": "{charge}", "limit": 3}"#,
};
