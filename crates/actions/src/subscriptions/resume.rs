//! `stripe.resumeSubscription`: bill a paused subscription again.
//!
//! What surprises: a new period begins and is billed now, and until that invoice is paid the
//! subscription stays paused.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.resumeSubscription",
    title: "Resume subscription",
    about: "Resumes a paused subscription: a new period begins now and is billed, unless `billingCycleAnchor` is \
            unchanged. It stays paused until that invoice is paid.",
    operation: post("subscriptions.resume"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("subscriptions"),
    reconcile: Reconcile::Park,
    fields: &[
        field("subscriptionId", "subscription").required().says("The subscription's id."),
        field("billingCycleAnchor", "billing_cycle_anchor").says(
            "`{type: now}` (when left out) begins a new period, `{type: unchanged}` goes on in the old one.",
        ),
        field("prorationBehavior", "proration_behavior")
            .says("`create_prorations`, `none`, `always_invoice`."),
        field("paymentBehavior", "payment_behavior")
            .says("`resume_on_payment_success` (when left out), or `resume_on_payment_attempt`."),
    ],
    hints: &[Hint {
        field: "pauseCollection",
        says: "Collection that is paused goes on with stripe.updateSubscription and `pauseCollection: null`.",
    }],
    example: r#"{"subscriptionId": "{subscription:paused}"}"#,
};
