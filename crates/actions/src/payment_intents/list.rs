//! `stripe.listPaymentIntents`: page through payment intents, newest first.
//!
//! What surprises: Stripe has no filter by status here.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listPaymentIntents",
    title: "List payment intents",
    about: "Lists payment intents, newest first, ten a page unless `limit` says otherwise.",
    operation: get("paymentIntents.list"),
    effect: Effect::Read,
    permission: Permission::read("payment_intents"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("customerId", "customer").says("Only this customer's payment intents."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last one of the page before."),
        field("endingBefore", "ending_before").says("The id of the first one of the page after."),
    ],
    hints: &[Hint {
        field: "status",
        says: "Stripe cannot filter payment intents by status; look at `status` of each.",
    }],
    example: r#"{"customerId": "{customer}", "limit": 3}"#,
};
