//! `stripe.confirmPaymentIntent`: try to collect a payment intent.
//!
//! A refused card is a 402 that embeds the intent. What surprises: the status after
//! it, `requires_payment_method`, is also what an intent without a card has, and
//! `requires_action` may be from an earlier try. So only a payment that went through
//! says "done", only an intent that still waits to be confirmed says "not done", and
//! a person decides the rest.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.confirmPaymentIntent",
    title: "Confirm payment intent",
    about: "Confirms a payment intent: tries its payment method. The status afterwards says what follows: \
            `succeeded`, `requires_capture`, `processing`, or `requires_action` when the customer has to \
            authenticate. A refused card is an error and leaves the intent open for another.",
    operation: post("paymentIntents.confirm"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("payment_intents"),
    reconcile: Reconcile::ByState {
        operation: get("paymentIntents.retrieve"),
        field: "status",
        done: &["succeeded", "requires_capture", "processing"],
        not_done: &["requires_confirmation"],
    },
    fields: &[
        field("paymentIntentId", "intent").required().says("The payment intent's id."),
        field("paymentMethod", "payment_method")
            .says("Payment method to try; the intent's own when left out."),
        field("returnUrl", "return_url")
            .says("Where the customer's browser returns to after authenticating."),
        field("offSession", "off_session").says("The customer is not there to authenticate."),
        field("errorOnRequiresAction", "error_on_requires_action")
            .says("Refuse a payment that the customer would have to authenticate."),
        field("setupFutureUsage", "setup_future_usage")
            .says("Keep the payment method for later, `on_session` or `off_session`."),
        field("receiptEmail", "receipt_email").says("Email for receipt."),
    ],
    hints: &[],
    example: r#"{"paymentIntentId": "{payment_intent:confirmable}"}"#,
};
