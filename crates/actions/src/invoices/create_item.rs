//! `stripe.createInvoiceItem`: add a line to a draft, or leave one for the next.
//!
//! With `invoiceId` the line joins that draft at once; without, it stays pending until
//! an invoice of the customer takes it. The value is `amount` and `currency`, or
//! `pricing: {price}`, or `priceData`. A negative amount is a credit and is allowed.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createInvoiceItem",
    title: "Create invoice item",
    about: "Adds a line item to a draft invoice, or leaves it pending for the customer's next one.",
    operation: post("invoiceItems.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::ByList { operation: get("invoiceItems.list"), by: &["customer", "invoice"] },
    fields: &[
        field("customerId", "customer").required().says("Customer to invoice."),
        field("invoiceId", "invoice").says("The draft that the line joins; pending when left out."),
        field("amount", "amount")
            .says("Amount in minor units: 1999 is 19.99 USD. Needs `currency`; negative is a credit."),
        field("currency", "currency").says("Three-letter currency code."),
        field("description", "description").says("What the line is for, shown to the customer."),
        field("pricing", "pricing").says("A price to bill by, `{price: price_…}`, instead of an amount."),
        field("quantity", "quantity").says("How many units of the price."),
        field("subscriptionId", "subscription").says("The subscription whose next invoice takes the line."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint { field: "price", says: PRICE },
        Hint { field: "priceId", says: PRICE },
        Hint {
            field: "unitAmount",
            says: "Give `unitAmountDecimal` with `quantity`, or `amount` for the whole line.",
        },
    ],
    example: r#"{"customerId": "{customer}", "invoiceId": "{invoice:draft}", "amount": 1999,
                 "currency": "usd", "description": "Consulting"}"#,
};

const PRICE: &str = "Since Stripe's version basil a price goes in `pricing: {price: price_…}`.";
