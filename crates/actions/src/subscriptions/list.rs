//! `stripe.listSubscriptions`: page through subscriptions, newest first.
//!
//! Stripe hides canceled ones unless `status` asks for them.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listSubscriptions",
    title: "List subscriptions",
    about: "Lists subscriptions with filters, newest first, ten a page unless `limit` says otherwise. Canceled \
            ones are left out unless `status` is `all`, `canceled` or `ended`.",
    operation: get("subscriptions.list"),
    effect: Effect::Read,
    permission: Permission::read("subscriptions"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("customerId", "customer").says("Only this customer's subscriptions."),
        field("status", "status").says("Only subscriptions in this status; `all` for every one."),
        field("priceId", "price").says("Only subscriptions to this price."),
        field("collectionMethod", "collection_method").says("Only subscriptions collected this way."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last subscription of the page before."),
        field("endingBefore", "ending_before").says("The id of the first subscription of the page after."),
    ],
    hints: &[],
    example: r#"{"customerId": "{customer}", "status": "all", "limit": 3}"#,
};
