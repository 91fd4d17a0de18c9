//! `stripe.createPaymentIntent`: ask for one payment, and with `confirm` take it.
//!
//! What surprises: a card that is refused with `confirm: true` answers 402 and leaves
//! the intent behind, waiting for another card. `paymentMethodTypes` goes out as
//! `allowed_payment_method_types`, its name since endive; older versions still take
//! `payment_method_types`. Only a customer tells one lost intent from others.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createPaymentIntent",
    title: "Create payment intent",
    about: "Creates a payment intent for a one-time payment, and with `confirm` tries to collect it at \
            once. A refused payment leaves the intent behind, to be confirmed with another card.",
    operation: post("paymentIntents.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("payment_intents"),
    reconcile: Reconcile::ByList { operation: get("paymentIntents.list"), by: &["customer"] },
    fields: &[
        field("amount", "amount").required().says("Amount in minor units: 1999 is 19.99 USD."),
        field("currency", "currency").required().says("Three-letter currency code."),
        field("customerId", "customer").says("Customer to charge."),
        field("description", "description").says("Payment description."),
        field("paymentMethodTypes", "allowed_payment_method_types")
            .before("payment_method_types")
            .says("Allowed payment methods, such as `card`; everything the account has on when left out."),
        field("paymentMethod", "payment_method").says("Specific payment method ID."),
        field("captureMethod", "capture_method")
            .says("`automatic`, or `manual` to hold the money until stripe.capturePaymentIntent."),
        field("confirm", "confirm").says("Confirm immediately. Needs `paymentMethod`."),
        field("offSession", "off_session")
            .says("Off-session payment: the customer is not there to authenticate. Only with `confirm`."),
        field("setupFutureUsage", "setup_future_usage")
            .says("Keep the payment method for later, `on_session` or `off_session`."),
        field("receiptEmail", "receipt_email").says("Email for receipt."),
        field("statementDescriptor", "statement_descriptor")
            .says("Statement descriptor, at most 22 characters; cards take `statementDescriptorSuffix`."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint {
            field: "invoiceId",
            says: "An invoice makes its own payment intent: finalize it, then call stripe.payInvoice.",
        },
        Hint { field: "source", says: "Give a payment method's id as `paymentMethod`." },
        Hint { field: "paymentMethods", says: "Give one payment method's id as `paymentMethod`." },
    ],
    example: r#"{"amount": 1999, "currency": "usd", "customerId": "{customer}", "paymentMethodTypes": ["card"],
                 "description": "Order 42", "metadata": {"order": "42"}}"#,
};
