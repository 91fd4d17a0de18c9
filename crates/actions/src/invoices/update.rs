//! `stripe.updateInvoice`: change a draft, or what does not change what is owed.
//!
//! The request says how the invoice will look, so reading it back tells whether it
//! happened; `daysUntilDue` alone leaves no field to look at, and a person decides.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.updateInvoice",
    title: "Update invoice",
    about: "Updates a draft invoice. Once it is finalized only `metadata`, `autoAdvance` and what else does not \
            change what is owed can be updated. `metadata` is merged key by key.",
    operation: post("invoices.update"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByValues { operation: get("invoices.retrieve") },
    fields: &[
        field("invoiceId", "invoice").required().says("The invoice's id."),
        field("autoAdvance", "auto_advance").says("Finalize and collect without another call."),
        field("collectionMethod", "collection_method")
            .says("Charge the customer's payment method, or send the invoice and wait for payment."),
        field("daysUntilDue", "days_until_due")
            .says("Days until payment is due. Only with `collectionMethod: send_invoice`."),
        field("dueDate", "due_date").says("Unix seconds when due. This or `daysUntilDue`."),
        field("description", "description").says("Invoice description, shown to the customer."),
        field("metadata", "metadata")
            .says("Metadata, merged key by key; a key with `null` is removed, `null` removes all."),
    ],
    hints: &[Hint {
        field: "lines",
        says: "Lines are added with stripe.createInvoiceItem and this invoice's id as `invoiceId`.",
    }],
    example: r#"{"invoiceId": "{invoice:draft}", "description": "Consulting", "metadata": {"team": "ops"}}"#,
};
