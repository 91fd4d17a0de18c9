//! `stripe.createTaxRate`: name a tax, which lines and whole invoices then carry.
//!
//! What it asks for never changes, and none is deleted: make another, and archive this one
//! with `active: false`. Only whether it is inside the price tells one from others in
//! Stripe's list; every other parameter is compared then.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createTaxRate",
    title: "Create tax rate",
    about: "Creates a tax rate: a percentage that is inside a price or comes on top of it. Give it in \
            `defaultTaxRates` of an invoice or a subscription, or in `taxRates` of a line.",
    operation: post("taxRates.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("tax_rates"),
    reconcile: Reconcile::ByList { operation: get("taxRates.list"), by: &["inclusive"] },
    fields: &[
        field("displayName", "display_name").required().says("The name on invoices, such as `VAT`."),
        field("percentage", "percentage").required().says(
            "The percentage, from 0 to 100, with at most four decimal places; as text to keep every digit.",
        ),
        field("inclusive", "inclusive")
            .required()
            .says("True when prices have the tax in them, false when it comes on top."),
        field("country", "country").says("Two-letter country code."),
        field("state", "state").says("State or province code, without the country's: `NY`."),
        field("jurisdiction", "jurisdiction").says("Where it is levied, as invoices show it."),
        field("taxType", "tax_type").says("What kind of tax it is, such as `vat` or `sales_tax`."),
        field("description", "description").says("Description, for you only."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[Hint { field: "rate", says: "Give `percentage`: 19 is 19 percent." }],
    example: r#"{"displayName": "VAT", "percentage": 19, "inclusive": false, "country": "DE", "taxType": "vat"}"#,
};
