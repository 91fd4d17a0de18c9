//! `stripe.createProduct`: name a thing to sell; prices say for how much.
//!
//! No filter of Stripe's list tells one product from another by name. Only one with a
//! web address can be looked for after a lost answer; for others a person decides.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createProduct",
    title: "Create product",
    about: "Creates a product. Give `defaultPriceData` to make its first price in the same call, or use \
            stripe.createPrice afterwards.",
    operation: post("products.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("products"),
    reconcile: Reconcile::ByList { operation: get("products.list"), by: &["url"] },
    fields: &[
        field("name", "name").required().says("The product's name, shown to customers."),
        field("description", "description").says("Description, shown to customers."),
        field("active", "active").says("Whether it can be bought; true when left out."),
        field("defaultPriceData", "default_price_data")
            .says("Its first price: `{currency, unitAmount, recurring: {interval}}`."),
        field("url", "url").says("A public web page of the product."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint { field: "price", says: PRICE },
        Hint { field: "amount", says: PRICE },
        Hint { field: "unitAmount", says: PRICE },
    ],
    example: r#"{"name": "Gold plan", "description": "Everything, every month", "metadata": {"tier": "gold"}}"#,
};

const PRICE: &str = "A price is an object of its own: give `defaultPriceData`, or use stripe.createPrice.";
