//! `stripe.getPaymentIntent`: read one payment intent.
//!
//! Its charge is named in `latest_charge` and included with `expand`.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getPaymentIntent",
    title: "Get payment intent",
    about: "Gets a payment intent by id. Its charge is included with `expand: [\"latest_charge\"]`.",
    operation: get("paymentIntents.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("payment_intents"),
    reconcile: Reconcile::NotNeeded,
    fields: &[field("paymentIntentId", "intent").required().says("The payment intent's id.")],
    hints: &[],
    example: r#"{"paymentIntentId": "{payment_intent}"}"#,
};
