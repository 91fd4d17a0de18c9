//! Tax rates (Stripe's API, Tax rates): percentages by name, which lines and whole
//! invoices carry. What a rate asks for never changes, and none is deleted: it is archived,
//! and what carries it already keeps it.

pub(crate) mod apply;
mod create;
mod object;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use object::{assign, ids, rate, shown, taxes};

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["active", "country", "description", "display_name", "jurisdiction", "metadata", "state",
          "tax_type", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run("taxRates.create", shared!["inclusive", "percentage"], create::run),
    retrieve("taxRates.retrieve", "tax_rate"),
    run("taxRates.update", shared![], update::run),
    list("taxRates.list", &RATES),
];

static RATES: Listing = Listing {
    kind: "tax_rate",
    parent: None,
    filters: &[Filter::Equal("active"), Filter::Equal("inclusive"), Filter::Within("created", "created")],
};
