//! `stripe.listRefunds`: page through refunds, newest first.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listRefunds",
    title: "List refunds",
    about: "Lists refunds, newest first, ten a page unless `limit` says otherwise.",
    operation: get("refunds.list"),
    effect: Effect::Read,
    permission: Permission::read("refunds"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("paymentIntentId", "payment_intent").says("Only refunds of this payment intent."),
        field("chargeId", "charge").says("Only refunds of this charge."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last refund of the page before."),
        field("endingBefore", "ending_before").says("The id of the first refund of the page after."),
    ],
    hints: &[],
    example: r#"{"paymentIntentId": "{payment_intent:succeeded}"}"#,
};
