//! `stripe.createCreditNote`: take something off a finalized invoice.
//!
//! Off an open invoice the note lowers what is asked for, and at nothing left pays it; of
//! a paid one the money goes back, and the parts must be exactly the total. Two calls under
//! two keys are two notes, until the invoice is used up.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createCreditNote",
    title: "Create credit note",
    about: "Credits a finalized invoice. Of an open invoice less is asked for; of a paid one the money goes back: \
            by a refund, to the customer's balance or by other means, together exactly what is credited.",
    operation: post("creditNotes.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("credit_notes"),
    reconcile: Reconcile::ByList { operation: get("creditNotes.list"), by: &["invoice"] },
    fields: &[
        field("invoiceId", "invoice").required().says("The finalized invoice to credit."),
        field("amount", "amount").says("How much in all, in minor units. This or `lines`."),
        field("lines", "lines")
            .says("What is credited, line by line: `{type, invoiceLineItem, quantity, unitAmount, amount}`. This or `amount`."),
        field("reason", "reason").says("Why: `duplicate`, `fraudulent`, `order_change` or `product_unsatisfactory`."),
        field("memo", "memo").says("Text on the credit note."),
        field("refundAmount", "refund_amount").says("Of a paid invoice: how much to refund to its charge."),
        field("creditAmount", "credit_amount").says("Of a paid invoice: how much to put on the customer's balance."),
        field("outOfBandAmount", "out_of_band_amount").says("Of a paid invoice: how much is given back by other means."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[Hint {
        field: "customerId",
        says: "A credit note is of an invoice: give `invoiceId`. A customer's balance is changed with stripe.request.",
    }],
    example: r#"{"invoiceId": "{invoice:open}", "amount": 1200, "reason": "product_unsatisfactory", "memo": "One box was broken"}"#,
};
