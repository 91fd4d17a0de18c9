//! `stripe.createInvoice`: draft an invoice for a customer.
//!
//! A draft asks for no money. Stripe leaves a draft alone unless `auto_advance` is
//! sent; our documented default is `true`, so it is always sent. A new draft takes no
//! pending items along unless `pendingInvoiceItemsBehavior` says so.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createInvoice",
    title: "Create invoice",
    about: "Drafts an invoice for a customer. Add lines with stripe.createInvoiceItem; unless \
            `autoAdvance` is false, Stripe finalizes it about an hour later and collects.",
    operation: post("invoices.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByList { operation: get("invoices.list"), by: &["customer"] },
    fields: &[
        field("customerId", "customer").required().says("Customer to invoice."),
        field("autoAdvance", "auto_advance")
            .default("true")
            .says("Finalize and collect without another call."),
        field("collectionMethod", "collection_method")
            .says("Charge the customer's payment method, or send the invoice and wait for payment."),
        field("daysUntilDue", "days_until_due")
            .says("Days until payment is due. Only with `collectionMethod: send_invoice`."),
        field("description", "description").says("Invoice description, shown to the customer."),
        field("currency", "currency").says("Three-letter currency code; the customer's own when left out."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint { field: "items", says: LINES },
        Hint { field: "lines", says: LINES },
        Hint { field: "lineItems", says: LINES },
        Hint { field: "invoiceItems", says: LINES },
        Hint {
            field: "amount",
            says: "An invoice has no amount of its own: add one line per amount with stripe.createInvoiceItem.",
        },
    ],
    example: r#"{"customerId": "{customer}", "collectionMethod": "send_invoice", "daysUntilDue": 30,
                 "autoAdvance": false, "currency": "usd"}"#,
};

const LINES: &str = "Stripe adds lines one by one: create the invoice first, then call \
                     stripe.createInvoiceItem for each line with this invoice's id as `invoiceId`.";
