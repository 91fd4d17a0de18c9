//! `stripe.cancelPaymentIntent`: give up a payment that was not taken.
//!
//! The usual compensation of a payment intent that is not paid yet; a paid one is
//! refunded instead. `canceled` is final.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.cancelPaymentIntent",
    title: "Cancel payment intent",
    about: "Cancels a payment intent that has not succeeded, for good. Money that was held is released. A \
            paid one is refunded with stripe.createRefund, an invoice's is canceled with its invoice.",
    operation: post("paymentIntents.cancel"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("payment_intents"),
    reconcile: Reconcile::ByState {
        operation: get("paymentIntents.retrieve"),
        field: "status",
        done: &["canceled"],
        not_done: &[
            "processing",
            "requires_action",
            "requires_capture",
            "requires_confirmation",
            "requires_payment_method",
            "succeeded",
        ],
    },
    fields: &[
        field("paymentIntentId", "intent").required().says("The payment intent's id."),
        field("cancellationReason", "cancellation_reason").says("Why."),
    ],
    hints: &[],
    example: r#"{"paymentIntentId": "{payment_intent}", "cancellationReason": "requested_by_customer"}"#,
};
