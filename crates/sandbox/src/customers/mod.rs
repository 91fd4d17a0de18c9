//! Customers (Stripe's API, Customers).
//!
//! A deleted customer still answers, as a stub, and is in no list.

mod balance;
pub(crate) mod cash;
mod create;
mod delete;
mod object;
mod tax_ids;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use balance::{ROWS as BALANCE, Why, record as record_balance};
pub(crate) use cash::ROWS as CASH;
pub(crate) use delete::bury;
pub(crate) use object::{check_email, derive, use_currency};
pub(crate) use tax_ids::{ROWS as TAX_IDS, due_at, perform_due};

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["address", "balance", "business_name", "cash_balance", "coupon", "description", "email", "individual_name",
          "invoice_prefix", "invoice_settings", "metadata", "name", "next_invoice_sequence",
          "phone", "preferred_locales", "promotion_code", "shipping", "source", "tax_exempt", "validate",
          $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run("customers.create", shared!["payment_method", "tax_id_data", "test_clock"], create::run),
    retrieve("customers.retrieve", "customer"),
    run("customers.update", shared!["default_source"], update::run),
    run("customers.del", &[], delete::run),
    list("customers.list", &CUSTOMERS),
];

static CUSTOMERS: Listing = Listing {
    kind: "customer",
    parent: None,
    filters: &[Filter::Equal("email"), Filter::Equal("test_clock"), Filter::Within("created", "created")],
};
