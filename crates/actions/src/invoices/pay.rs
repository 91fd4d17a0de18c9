//! `stripe.payInvoice`: collect an invoice now.
//!
//! A draft is finalized on the way. A refused payment is a 402 that leaves the invoice
//! open and one attempt richer, so `open` does not tell whether it was tried; `paid`
//! and `draft` do.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.payInvoice",
    title: "Pay invoice",
    about: "Pays an invoice now with a payment method, or marks it paid by other means with `paidOutOfBand`. A \
            draft is finalized first. A refused payment leaves the invoice open.",
    operation: post("invoices.pay"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByState {
        operation: get("invoices.retrieve"),
        field: "status",
        done: &["paid"],
        not_done: &["draft"],
    },
    fields: &[
        field("invoiceId", "invoice").required().says("The invoice's id."),
        field("paymentMethod", "payment_method")
            .says("Payment method to charge; the invoice's or the customer's default when left out."),
        field("paidOutOfBand", "paid_out_of_band").says("It was paid outside Stripe: charge nothing."),
        field("offSession", "off_session").says("Whether the customer is away; `true` when left out."),
    ],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:open}", "paymentMethod": "pm_card_visa"}"#,
};
