//! `stripe.voidInvoice`: declare an open invoice a mistake, for good.
//!
//! The usual compensation of a finalized invoice. `void` is final, and only voiding
//! leads there: every other status says that it did not happen.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.voidInvoice",
    title: "Void invoice",
    about: "Voids an open or uncollectible invoice. It cannot be undone; a draft or a paid invoice is refused.",
    operation: post("invoices.voidInvoice"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByState {
        operation: get("invoices.retrieve"),
        field: "status",
        done: &["void"],
        not_done: &["draft", "open", "paid", "uncollectible"],
    },
    fields: &[field("invoiceId", "invoice").required().says("The invoice's id.")],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:open}"}"#,
};
