//! `stripe.previewInvoice`: what would be billed next, or by a change.
//!
//! Stripe's verb is POST, so it goes out under a key like a write; it changes nothing, and
//! asking again is always safe.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.previewInvoice",
    title: "Preview invoice",
    about: "Shows the invoice that comes next for a customer or a subscription, or that a change of it would lead to. \
            Nothing is created or changed.",
    operation: post("invoices.createPreview"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("invoices"),
    reconcile: Reconcile::NothingChanges,
    fields: &[
        field("customerId", "customer").says("Whose next invoice; this or `subscriptionId`."),
        field("subscriptionId", "subscription").says("Which subscription's next invoice."),
        field("subscriptionDetails", "subscription_details").says(
            "The change to foretell: `{items: [{id: si_…, quantity: 2}], prorationBehavior: always_invoice}`, or \
             `{cancelNow: true}`; without a subscription the items of a new one.",
        ),
        field("schedule", "schedule").says("The subscription schedule whose next invoice it is."),
        field("invoiceItems", "invoice_items").says("What else to bill: `[{amount: 500, currency: usd}]`."),
        field("previewMode", "preview_mode").says("`next` (when left out), or `recurring` without what comes once."),
    ],
    hints: &[Hint {
        field: "items",
        says: "Give `subscriptionDetails: {items: […]}` for subscriptions, `invoiceItems` for what comes once.",
    }],
    example: r#"{"subscriptionId": "{subscription:active}", "previewMode": "next"}"#,
};
