//! `stripe.markInvoiceUncollectible`: write an open invoice off.
//!
//! It can still be paid or voided afterwards, so those two statuses do not tell whether it
//! happened: they are the end of either way.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.markInvoiceUncollectible",
    title: "Mark invoice uncollectible",
    about: "Marks an open invoice as uncollectible: nobody tries to collect it any more. It can still be paid or \
            voided; a draft or a paid invoice is refused.",
    operation: post("invoices.markUncollectible"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByState {
        operation: get("invoices.retrieve"),
        field: "status",
        done: &["uncollectible"],
        not_done: &["draft", "open"],
    },
    fields: &[field("invoiceId", "invoice").required().says("The invoice's id.")],
    hints: &[],
    example: r#"{"invoiceId": "{invoice:open}"}"#,
};
