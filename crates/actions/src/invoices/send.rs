//! `stripe.sendInvoice`: mail an invoice to its customer.
//!
//! Only invoices with `collection_method: send_invoice` can be sent; a draft is
//! finalized on the way. Sending leaves no mark on the invoice: a draft was surely not
//! sent, while an open or paid one may have been, and a second mail cannot be taken
//! back. Then a person decides.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.sendInvoice",
    title: "Send invoice",
    about: "Sends an invoice to the customer by e-mail, finalizing a draft first. Only for \
            `collectionMethod: send_invoice`; Stripe sends no mail in test mode.",
    operation: post("invoices.sendInvoice"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByState {
        operation: get("invoices.retrieve"),
        field: "status",
        done: &[],
        not_done: &["draft"],
    },
    fields: &[field("invoiceId", "invoice").required().says("The invoice's id.")],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:sendable}"}"#,
};
