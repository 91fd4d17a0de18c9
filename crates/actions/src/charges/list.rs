//! `stripe.listCharges`: page through charges, newest first, refused ones included.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listCharges",
    title: "List charges",
    about: "Lists charges, refused ones included, newest first, ten a page unless `limit` says otherwise.",
    operation: get("charges.list"),
    effect: Effect::Read,
    permission: Permission::read("charges"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("customerId", "customer").says("Only this customer's charges."),
        field("paymentIntentId", "payment_intent").says("Only charges of this payment intent."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last charge of the page before."),
        field("endingBefore", "ending_before").says("The id of the first charge of the page after."),
    ],
    hints: &[],
    example: r#"{"paymentIntentId": "{payment_intent:succeeded}", "limit": 3}"#,
};
