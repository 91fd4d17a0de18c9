//! Customers (Stripe's API, Customers).
//!
//! A deleted customer still answers, as a stub, and is in no list.

mod create;
mod delete;
mod object;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use delete::bury;
pub(crate) use object::{check_email, use_currency};

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["address", "balance", "business_name", "description", "email", "individual_name",
          "invoice_prefix", "invoice_settings", "metadata", "name", "next_invoice_sequence",
          "phone", "preferred_locales", "shipping", "tax_exempt", "validate", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run("customers.create", shared!["payment_method", "test_clock"], create::run),
    retrieve("customers.retrieve", "customer"),
    run("customers.update", shared![], update::run),
    run("customers.del", &[], delete::run),
    list("customers.list", &CUSTOMERS),
];

static CUSTOMERS: Listing = Listing {
    kind: "customer",
    parent: None,
    filters: &[Filter::Equal("email"), Filter::Equal("test_clock"), Filter::Within("created", "created")],
};
