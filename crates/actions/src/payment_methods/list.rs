//! `stripe.listPaymentMethods`: page through payment methods, newest first.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listPaymentMethods",
    title: "List payment methods",
    about: "Lists a customer's payment methods, newest first, ten a page unless `limit` says otherwise.",
    operation: get("paymentMethods.list"),
    effect: Effect::Read,
    permission: Permission::read("payment_methods"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("customerId", "customer").says("Only this customer's payment methods."),
        field("type", "type").says("Only of this type, such as `card`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last one of the page before."),
        field("endingBefore", "ending_before").says("The id of the first one of the page after."),
    ],
    hints: &[],
    example: r#"{"customerId": "{customer}", "type": "card"}"#,
};
