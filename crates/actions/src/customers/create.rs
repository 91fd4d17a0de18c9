//! `stripe.createCustomer`: make a customer to bill.
//!
//! Stripe insists on nothing and knows no duplicates: two calls under two keys make
//! two customers with one address. What a lost call made is looked for by e-mail.
//! Without an e-mail nothing tells one new customer from another, and a person has
//! to decide.

use crate::{Action, Effect, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createCustomer",
    title: "Create customer",
    about: "Creates a customer. Stripe does not look for an existing one with the same e-mail.",
    operation: post("customers.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("customers"),
    reconcile: Reconcile::ByList { operation: get("customers.list"), by: &["email"] },
    fields: &[
        field("email", "email").says("Customer email."),
        field("name", "name").says("Customer name."),
        field("description", "description").says("Description, seen by you only."),
        field("phone", "phone").says("Phone number."),
        field("address", "address").says("Customer address."),
        field("metadata", "metadata").says("Key-value metadata: at most 50 keys, values are text."),
    ],
    hints: &[],
    example: r#"{"email": "ada@example.com", "name": "Ada Lovelace", "metadata": {"source": "example"}}"#,
};
