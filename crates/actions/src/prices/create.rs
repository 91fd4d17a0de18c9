//! `stripe.createPrice`: say what a product costs, once or every month.
//!
//! What a price asks for never changes afterwards: make another, and move the lookup
//! key to it with `transferLookupKey`.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createPrice",
    title: "Create price",
    about: "Creates a price of a product. With `recurring` it can be subscribed to, without it is paid once. \
            Its amount cannot be changed later.",
    operation: post("prices.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("prices"),
    reconcile: Reconcile::ByList { operation: get("prices.list"), by: &["product"] },
    fields: &[
        field("productId", "product").says("The product; or give `productData` to make one."),
        field("currency", "currency").required().says("Three-letter currency code."),
        field("unitAmount", "unit_amount")
            .says("What one costs in minor units: 1999 is 19.99 USD. This or `unitAmountDecimal`."),
        field("recurring", "recurring")
            .says("How often it is paid: `{interval: month, intervalCount: 1}`; once when left out."),
        field("nickname", "nickname").says("A name for you only."),
        field("lookupKey", "lookup_key").says("A name by which to find it with stripe.listPrices."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint { field: "amount", says: "Give `unitAmount` in minor units: 1999 is 19.99 USD." },
        Hint { field: "interval", says: "Give `recurring: {interval: month}`." },
    ],
    example: r#"{"productId": "{product}", "currency": "usd", "unitAmount": 1999,
                 "recurring": {"interval": "month"}}"#,
};
