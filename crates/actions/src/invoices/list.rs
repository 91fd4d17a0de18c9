//! `stripe.listInvoices`: page through invoices, newest first.
//!
//! Stripe pages by the id of the last object seen, not by number; `has_more` says
//! whether another page follows.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listInvoices",
    title: "List invoices",
    about: "Lists invoices with filters, newest first, ten a page unless `limit` says otherwise.",
    operation: get("invoices.list"),
    effect: Effect::Read,
    permission: Permission::read("invoices"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("customerId", "customer").says("Only this customer's invoices."),
        field("status", "status").says("Only invoices in this status."),
        field("subscriptionId", "subscription").says("Only this subscription's invoices."),
        field("collectionMethod", "collection_method").says("Only invoices collected this way."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("dueDate", "due_date").says("Unix seconds when due, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last invoice of the page before."),
        field("endingBefore", "ending_before").says("The id of the first invoice of the page after."),
    ],
    hints: &[
        Hint {
            field: "lookbackDays",
            says: "Give `created: {gte: <Unix seconds>}` to look back from a time.",
        },
        Hint {
            field: "page",
            says: "Stripe pages by id: give `startingAfter` with the last id of the page before.",
        },
        Hint {
            field: "offset",
            says: "Stripe pages by id: give `startingAfter` with the last id of the page before.",
        },
    ],
    example: r#"{"customerId": "{customer}", "limit": 3}"#,
};
