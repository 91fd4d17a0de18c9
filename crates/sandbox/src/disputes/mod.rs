//! Disputes (Stripe's API, Disputes): `needs_response → under_review → won | lost`, and
//! for a mere question of the bank `warning_needs_response → warning_under_review →
//! warning_closed`, which moves no money.
//!
//! What would surprise: nobody creates one by the API. A test card or a test account
//! does, or a command to the sandbox. As in test mode, the evidence
//! `winning_evidence` and `losing_evidence` decide at once; any other waits for a command.

mod close;
mod decide;
mod open;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use decide::{as_bank, due_at, perform_due};
pub(crate) use open::{as_cardholder, open};

pub(crate) static ROWS: &[Row] = &[
    retrieve("disputes.retrieve", "dispute"),
    list("disputes.list", &DISPUTES),
    run("disputes.update", &["evidence", "intended_submission_method", "metadata", "submit"], update::run),
    run("disputes.close", &[], close::run),
];

static DISPUTES: Listing = Listing {
    kind: "dispute",
    parent: None,
    filters: &[
        Filter::Equal("charge"),
        Filter::Equal("payment_intent"),
        Filter::Within("created", "created"),
    ],
};
