//! Prices (Stripe's API, Prices): what a product costs, once or again and again.
//!
//! What a price asks for never changes; a new price takes its place, if wanted under
//! the same lookup key. A price given inline (`price_data`) is a price like others
//! that is born archived.

mod cost;
mod create;
mod object;
mod terms;
mod tiers;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    value,
    wire::list::{Filter, Listing},
};

pub(crate) use cost::cost;
pub(crate) use create::{fresh, of_data, tell_created};
pub(crate) use object::{currency_options, in_currency, plan_of, tiers, usable};
pub(crate) use update::tell_updated;

pub(crate) static ROWS: &[Row] = &[
    run(
        "prices.create",
        &[
            "active",
            "billing_scheme",
            "currency",
            "currency_options",
            "custom_unit_amount",
            "lookup_key",
            "metadata",
            "nickname",
            "product",
            "product_data",
            "recurring",
            "tax_behavior",
            "tiers",
            "tiers_mode",
            "transfer_lookup_key",
            "transform_quantity",
            "unit_amount",
            "unit_amount_decimal",
        ],
        create::run,
    ),
    retrieve("prices.retrieve", "price"),
    run(
        "prices.update",
        &[
            "active",
            "currency_options",
            "lookup_key",
            "metadata",
            "nickname",
            "tax_behavior",
            "transfer_lookup_key",
        ],
        update::run,
    ),
    list("prices.list", &PRICES),
];

static PRICES: Listing = Listing {
    kind: "price",
    parent: None,
    filters: &[
        Filter::Equal("active"),
        Filter::Equal("product"),
        Filter::Equal("type"),
        Filter::Within("created", "created"),
        Filter::By("currency", |_, given, price| {
            let given = given.as_str().map(str::to_ascii_lowercase);
            value::text(price, "currency") == given.as_deref()
        }),
        Filter::By("lookup_keys", |_, given, price| {
            given.as_array().is_none_or(|keys| keys.contains(&price["lookup_key"]))
        }),
        Filter::By("recurring", |_, given, price| recurs_as(given, &price["recurring"])),
    ],
};

/// Whether a price recurs in every way that the filter names.
fn recurs_as(given: &Value, recurring: &Value) -> bool {
    let same = |(name, wanted): (&String, &Value)| recurring.get(name) == Some(wanted);
    given.as_object().is_none_or(|all| recurring.is_object() && all.iter().all(same))
}
