//! `stripe.pauseSubscription`: bill nothing until it is resumed.
//!
//! What surprises: time that was paid for is credited only where `billFor` asks for it. To
//! go on with the subscription and only not collect, use stripe.updateSubscription with
//! `pauseCollection`. Stripe has this since endive.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.pauseSubscription",
    title: "Pause subscription",
    about: "Pauses a subscription: nothing is billed until stripe.resumeSubscription. Unused time is credited only \
            with `billFor`.",
    operation: post("subscriptions.pause"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("subscriptions"),
    reconcile: Reconcile::Park,
    fields: &[
        field("subscriptionId", "id").required().says("The subscription's id."),
        field("billFor", "bill_for")
            .says("What to credit: `{unusedTimeFrom: {type: now}}`, `item_current_period_start` or `none`."),
        field("invoicingBehavior", "invoicing_behavior")
            .says("`invoice` bills the credit at once, `pending_invoice_item` with the next invoice."),
    ],
    hints: &[Hint { field: "resumesAt", says: COLLECTION }, Hint { field: "behavior", says: COLLECTION }],
    example: r#"{"subscriptionId": "{subscription:active}", "billFor": {"unusedTimeFrom": {"type": "now"}}}"#,
};

const COLLECTION: &str = "That pauses collection only: use stripe.updateSubscription with `pauseCollection: {behavior, resumesAt}`.";
