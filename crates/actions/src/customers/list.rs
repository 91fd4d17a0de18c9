//! `stripe.listCustomers`: page through customers, newest first. Deleted ones are not
//! among them.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listCustomers",
    title: "List customers",
    about: "Lists customers with filters, newest first, ten a page unless `limit` says otherwise.",
    operation: get("customers.list"),
    effect: Effect::Read,
    permission: Permission::read("customers"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("email", "email").says("Only customers with exactly this email; case matters."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last customer of the page before."),
        field("endingBefore", "ending_before").says("The id of the first customer of the page after."),
    ],
    hints: &[Hint {
        field: "page",
        says: "Stripe pages by id: give `startingAfter` with the last id of the page before.",
    }],
    example: r#"{"email": "ada@example.com", "limit": 3}"#,
};
