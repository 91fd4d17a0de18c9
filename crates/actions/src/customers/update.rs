//! `stripe.updateCustomer`: change some of a customer's fields.
//!
//! What is not named stays. Hashes such as `address` are replaced as a whole, while
//! `metadata` is merged key by key: `{"a": null}` removes `a` alone. The request says
//! how the customer will look, so reading the customer back tells whether it happened.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.updateCustomer",
    title: "Update customer",
    about: "Updates an existing customer. Fields left out stay; `metadata` is merged key by key.",
    operation: post("customers.update"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("customers"),
    reconcile: Reconcile::ByValues { operation: get("customers.retrieve") },
    fields: &[
        field("customerId", "customer").required().says("The customer's id."),
        field("email", "email").says("Customer email."),
        field("name", "name").says("Customer name."),
        field("description", "description").says("Description, seen by you only."),
        field("phone", "phone").says("Phone number."),
        field("address", "address").says("Customer address; replaces the whole address, `null` removes it."),
        field("metadata", "metadata")
            .says("Key-value metadata, merged key by key; a key with `null` is removed, `null` removes all."),
    ],
    hints: &[],
    example: r#"{"customerId": "{customer}", "metadata": {"plan": "gold"}}"#,
};
