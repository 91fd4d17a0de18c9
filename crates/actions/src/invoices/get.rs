//! `stripe.getInvoice`: read one invoice.
//!
//! How it was paid stands in `payments`, which Stripe returns only when it is in
//! `expand`; `payment_intent` and `charge` have not been on an invoice since basil.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getInvoice",
    title: "Get invoice",
    about: "Gets an invoice by id. Its payments are included with `expand: [\"payments\"]`.",
    operation: get("invoices.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("invoices"),
    reconcile: Reconcile::NotNeeded,
    fields: &[field("invoiceId", "invoice").required().says("The invoice's id.")],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:draft}"}"#,
};
