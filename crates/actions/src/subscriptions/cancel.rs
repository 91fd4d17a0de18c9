//! `stripe.cancelSubscription`: end a subscription now, for good.
//!
//! Stripe's verb is DELETE and it keeps no keys for it, so after a lost answer the
//! subscription is read before it is asked for again: only canceling leads to
//! `canceled`. To end with the paid period use stripe.updateSubscription.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.cancelSubscription",
    title: "Cancel subscription",
    about: "Cancels a subscription now; it cannot be undone. Nothing is paid back unless `prorate` is true, and \
            what is pending is billed only with `invoiceNow`.",
    operation: post("subscriptions.cancel"),
    effect: Effect::Delete,
    permission: Permission::write("subscriptions"),
    reconcile: Reconcile::ByState {
        operation: get("subscriptions.retrieve"),
        field: "status",
        done: &["canceled"],
        not_done: &["incomplete", "trialing", "active", "past_due", "unpaid", "paused"],
    },
    fields: &[
        field("subscriptionId", "subscription_exposed_id").required().says("The subscription's id."),
        field("invoiceNow", "invoice_now")
            .says("Whether to bill at once what is pending; false when left out."),
        field("prorate", "prorate").says("Whether to credit the unused time; false when left out."),
        field("cancellationDetails", "cancellation_details")
            .says("Why: `{feedback: too_expensive, comment: …}`."),
    ],
    hints: &[Hint { field: "cancelAtPeriodEnd", says: AT_END }, Hint { field: "atPeriodEnd", says: AT_END }],
    example: r#"{"subscriptionId": "{subscription:active}"}"#,
};

const AT_END: &str =
    "This cancels now. Use stripe.updateSubscription with `cancelAtPeriodEnd: true` to end with the period.";
