//! `stripe.capturePaymentIntent`: take money that was held.
//!
//! Part of it can be taken, and then the rest is released for good. Nothing but a
//! capture leads from `requires_capture` to `succeeded`. (With multicapture, which an
//! account has to ask Stripe for, a capture that is not final keeps the status; the
//! key's event is found first and tells.)

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.capturePaymentIntent",
    title: "Capture payment intent",
    about: "Captures a payment intent that was confirmed with `captureMethod: manual`. What is not captured \
            is released and cannot be captured later.",
    operation: post("paymentIntents.capture"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("payment_intents"),
    reconcile: Reconcile::ByState {
        operation: get("paymentIntents.retrieve"),
        field: "status",
        done: &["succeeded"],
        not_done: &["requires_capture", "canceled"],
    },
    fields: &[
        field("paymentIntentId", "intent").required().says("The payment intent's id."),
        field("amountToCapture", "amount_to_capture")
            .says("How much to take, in minor units; everything that is held when left out."),
        field("statementDescriptor", "statement_descriptor").says("Statement descriptor."),
        field("metadata", "metadata").says("Metadata, merged key by key."),
    ],
    hints: &[crate::Hint { field: "amount", says: "Give `amountToCapture`." }],
    example: r#"{"paymentIntentId": "{payment_intent:capturable}", "amountToCapture": 1500}"#,
};
