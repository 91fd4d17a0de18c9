//! `stripe.attachPaymentMethod`: give a payment method to a customer.
//!
//! It belongs to that customer from then on and can be charged again. The customer
//! stands on it, so reading it back tells whether it happened. (A test id such as
//! `pm_card_visa` makes a new payment method, which only the answer names.)

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.attachPaymentMethod",
    title: "Attach payment method",
    about: "Attaches a payment method to a customer. To charge it by default, set \
            `invoiceSettings.defaultPaymentMethod` with stripe.updateCustomer.",
    operation: post("paymentMethods.attach"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("payment_methods"),
    reconcile: Reconcile::ByValues { operation: get("paymentMethods.retrieve") },
    fields: &[
        field("paymentMethodId", "payment_method").required().says("The payment method's id."),
        field("customerId", "customer").required().says("The customer it is to belong to."),
    ],
    hints: &[],
    example: r#"{"paymentMethodId": "{payment_method}", "customerId": "{customer}"}"#,
};
