//! Products (Stripe's API, Products): what is sold. Prices say for how much.
//!
//! A product can be deleted only while no price refers to it; after that it is
//! archived with `active=false`.

mod create;
mod delete;
mod object;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    value,
    wire::list::{Filter, Listing},
};

pub(crate) use create::from_data;

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["active", "description", "images", "marketing_features", "metadata", "name",
          "package_dimensions", "shippable", "statement_descriptor", "tax_code", "tax_details",
          "unit_label", "url", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run("products.create", shared!["default_price_data", "id", "type"], create::run),
    retrieve("products.retrieve", "product"),
    run("products.update", shared!["default_price"], update::run),
    run("products.del", &[], delete::run),
    list("products.list", &PRODUCTS),
];

static PRODUCTS: Listing = Listing {
    kind: "product",
    parent: None,
    filters: &[
        Filter::Equal("active"),
        Filter::Equal("shippable"),
        Filter::Equal("type"),
        Filter::Equal("url"),
        Filter::Within("created", "created"),
        Filter::By("ids", |_, given, product| {
            given.as_array().is_none_or(|ids| ids.iter().any(|id| id.as_str() == Some(value::id(product))))
        }),
    ],
};

/// How a line calls a product that may be gone.
pub(crate) fn name_of(product: Option<&Value>) -> &str {
    product.and_then(|p| value::text(p, "name")).unwrap_or("Product")
}
