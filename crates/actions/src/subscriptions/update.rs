//! `stripe.updateSubscription`: change what is billed, how, and until when.
//!
//! An item is changed by its own id; without one an item is added. What was changed is
//! prorated on the next invoice unless `prorationBehavior` says otherwise.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.updateSubscription",
    title: "Update subscription",
    about: "Updates a subscription: its items, its payment method, when it ends. Fields left out stay; an item \
            without its `id` is added, not changed.",
    operation: post("subscriptions.update"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("subscriptions"),
    reconcile: Reconcile::ByValues { operation: get("subscriptions.retrieve") },
    fields: &[
        field("subscriptionId", "subscription_exposed_id").required().says("The subscription's id."),
        field("items", "items")
            .says("Items to change by `id`, to remove with `deleted: true`, or to add by `price`."),
        field("defaultPaymentMethod", "default_payment_method").says("Default payment method."),
        field("collectionMethod", "collection_method").says("`charge_automatically` or `send_invoice`."),
        field("daysUntilDue", "days_until_due").says("Days until due (for `send_invoice`)."),
        field("cancelAtPeriodEnd", "cancel_at_period_end")
            .says("Cancel at period end; false takes a planned end back."),
        field("prorationBehavior", "proration_behavior")
            .says("`create_prorations`, `none`, `always_invoice`."),
        field("metadata", "metadata")
            .says("Custom metadata, merged key by key; a key with `null` is removed, `null` removes all."),
    ],
    hints: &[
        Hint {
            field: "trialPeriodDays",
            says: "A trial that runs is moved with `trialEnd`: Unix seconds, or `now`.",
        },
        Hint {
            field: "price",
            says: "Give `items: [{id: si_…, price: price_…}]`, the item's id from stripe.getSubscription.",
        },
        Hint {
            field: "quantity",
            says: "Give `items: [{id: si_…, quantity: 2}]`, the item's id from stripe.getSubscription.",
        },
    ],
    example: r#"{"subscriptionId": "{subscription:active}", "cancelAtPeriodEnd": true,
                 "metadata": {"team": "ops"}}"#,
};
