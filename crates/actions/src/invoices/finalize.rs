//! `stripe.finalizeInvoice`: turn a draft into an open invoice.
//!
//! Finalizing gives the number and makes the lines immutable. An invoice of nothing,
//! or of a credit, is paid by it at once. No status leads back to `draft`, so the
//! status alone tells whether it happened.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.finalizeInvoice",
    title: "Finalize invoice",
    about: "Finalizes a draft invoice: it gets its number, opens, and cannot be edited any more. \
            An invoice whose total is not positive is paid at once.",
    operation: post("invoices.finalizeInvoice"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByState {
        operation: get("invoices.retrieve"),
        field: "status",
        done: &["open", "paid", "void", "uncollectible"],
        not_done: &["draft"],
    },
    fields: &[
        field("invoiceId", "invoice").required().says("The draft invoice's id."),
        field("autoAdvance", "auto_advance")
            .says("Whether Stripe goes on to collect by itself; as on the invoice when left out."),
    ],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:draft}"}"#,
};
