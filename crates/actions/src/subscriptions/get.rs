//! `stripe.getSubscription`: read one subscription.
//!
//! Since Stripe's version basil the current period is on each item, and
//! `latest_invoice` is an id unless it is expanded.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getSubscription",
    title: "Get subscription",
    about: "Gets a subscription by id, a canceled one too. Its current period is on its items.",
    operation: get("subscriptions.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("subscriptions"),
    reconcile: Reconcile::NotNeeded,
    fields: &[field("subscriptionId", "subscription_exposed_id").required().says("The subscription's id.")],
    hints: &[],
    example: r#"{"subscriptionId": "{subscription:active}"}"#,
};
