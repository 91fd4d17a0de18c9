//! Payouts (Stripe's API, Payouts): `pending → in_transit → paid`, `pending → canceled`,
//! and `failed`, which sends the money back. They move on the sandbox's clock.
//!
//! The account is paid out by hand only: nobody has set a schedule. Its bank account is
//! made from the account's id and is no object of its own.

mod cancel;
mod create;
mod object;
mod progress;
mod reverse;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use progress::{as_bank, due_at, perform_due};

pub(crate) static ROWS: &[Row] = &[
    run(
        "payouts.create",
        &["amount", "currency", "description", "metadata", "method", "source_type", "statement_descriptor"],
        create::run,
    ),
    retrieve("payouts.retrieve", "payout"),
    run("payouts.update", &["metadata"], update::run),
    list("payouts.list", &PAYOUTS),
    run("payouts.cancel", &[], cancel::run),
    run("payouts.reverse", &["metadata"], reverse::run),
];

static PAYOUTS: Listing = Listing {
    kind: "payout",
    parent: None,
    filters: &[
        Filter::Equal("destination"),
        Filter::Equal("status"),
        Filter::Within("arrival_date", "arrival_date"),
        Filter::Within("created", "created"),
    ],
};
