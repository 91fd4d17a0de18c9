//! `stripe.getCustomer`: read one customer.
//!
//! A deleted customer is no error: Stripe answers `{id, object, deleted: true}`.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getCustomer",
    title: "Get customer",
    about: "Gets a customer by id. A deleted one comes back as `deleted: true` and little else.",
    operation: get("customers.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("customers"),
    reconcile: Reconcile::NotNeeded,
    fields: &[field("customerId", "customer").required().says("The customer's id.")],
    hints: &[],
    example: r#"{"customerId": "{customer}"}"#,
};
