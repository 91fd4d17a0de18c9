//! `stripe.listPrices`: page through prices, newest first.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.listPrices",
    title: "List prices",
    about: "Lists prices with filters, newest first, ten a page unless `limit` says otherwise. Archived ones \
            are among them unless `active` is true.",
    operation: get("prices.list"),
    effect: Effect::Read,
    permission: Permission::read("prices"),
    reconcile: Reconcile::NotNeeded,
    fields: &[
        field("productId", "product").says("Only this product's prices."),
        field("active", "active").says("Only active, or only archived ones."),
        field("lookupKeys", "lookup_keys").says("Only prices with one of these lookup keys, at most ten."),
        field("currency", "currency").says("Only prices in this currency."),
        field("type", "type").says("Only `one_time` or only `recurring` ones."),
        field("recurring", "recurring").says("Only prices that recur so: `{interval: month}`."),
        field("created", "created").says("Unix seconds of creation, or a range `{gte, gt, lte, lt}`."),
        field("limit", "limit").says("How many, 1 to 100; 10 when left out."),
        field("startingAfter", "starting_after").says("The id of the last price of the page before."),
        field("endingBefore", "ending_before").says("The id of the first price of the page after."),
    ],
    hints: &[Hint { field: "lookupKey", says: "Give `lookupKeys`, a list: `[gold-monthly]`." }],
    example: r#"{"productId": "{product}", "active": true, "limit": 3}"#,
};
