//! `stripe.deleteInvoice`: remove a draft, for good.
//!
//! Only drafts; anything later is voided. Stripe knows no keys for deletes, so after a
//! lost answer the invoice is looked for before it is asked for again.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.deleteInvoice",
    title: "Delete invoice",
    about: "Deletes a draft invoice; its lines are pending again. It cannot be undone. An open invoice is \
            voided with stripe.voidInvoice instead.",
    operation: post("invoices.del"),
    effect: Effect::Delete,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByAbsence { operation: get("invoices.retrieve") },
    fields: &[field("invoiceId", "invoice").required().says("The draft invoice's id.")],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:draft}"}"#,
};
