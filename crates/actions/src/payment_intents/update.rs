//! `stripe.updatePaymentIntent`: change a payment intent before it is confirmed.
//!
//! Afterwards only what moves no money can be changed. The request says how the
//! intent will look, so reading it back tells whether it happened. Stripe has no
//! event for it.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.updatePaymentIntent",
    title: "Update payment intent",
    about: "Updates a payment intent without confirming it. Once it is confirmed, amount, currency, customer \
            and payment method are fixed; `metadata` is merged key by key at any time.",
    operation: post("paymentIntents.update"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("payment_intents"),
    reconcile: Reconcile::ByValues { operation: get("paymentIntents.retrieve") },
    fields: &[
        field("paymentIntentId", "intent").required().says("The payment intent's id."),
        field("amount", "amount").says("Amount in minor units: 1999 is 19.99 USD."),
        field("currency", "currency").says("Three-letter currency code."),
        field("customerId", "customer").says("Customer to charge."),
        field("description", "description").says("Payment description."),
        field("paymentMethodTypes", "allowed_payment_method_types")
            .before("payment_method_types")
            .says("Allowed payment methods, such as `card`."),
        field("paymentMethod", "payment_method").says("Specific payment method ID."),
        field("setupFutureUsage", "setup_future_usage")
            .says("Keep the payment method for later, `on_session` or `off_session`; `null` does not."),
        field("receiptEmail", "receipt_email").says("Email for receipt; `null` removes it."),
        field("metadata", "metadata")
            .says("Metadata, merged key by key; a key with `null` is removed, `null` removes all."),
    ],
    hints: &[],
    example: r#"{"paymentIntentId": "{payment_intent}", "amount": 2499, "metadata": {"order": "43"}}"#,
};
