//! Credit notes (Stripe's API, Credit notes): take something off a finalized invoice.
//!
//! Before it is paid the invoice asks for less; after it was paid the money goes back: as
//! a refund, to the customer's balance, or by other means, together exactly what is
//! credited. A note is `issued`, and can be voided while its invoice is open.

mod create;
mod effects;
mod lines;
mod object;
mod preview;
mod split;
mod update;
mod void;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use object::derive;

/// What create and preview both heed.
const HEEDS: &[&str] = &[
    "amount",
    "credit_amount",
    "effective_at",
    "email_type",
    "invoice",
    "lines",
    "memo",
    "metadata",
    "out_of_band_amount",
    "reason",
    "refund_amount",
    "refunds",
];

const PREVIEWED: &[&str] = &[
    "amount",
    "credit_amount",
    "effective_at",
    "email_type",
    "invoice",
    "lines",
    "memo",
    "metadata",
    "out_of_band_amount",
    "reason",
    "refund_amount",
    "refunds",
    "limit",
    "starting_after",
    "ending_before",
];

pub(crate) static ROWS: &[Row] = &[
    run("creditNotes.create", HEEDS, create::run),
    retrieve("creditNotes.retrieve", "credit_note"),
    run("creditNotes.update", &["memo", "metadata"], update::run),
    list("creditNotes.list", &NOTES),
    run("creditNotes.preview", HEEDS, preview::run),
    run("creditNotes.listPreviewLineItems", PREVIEWED, preview::lines),
    list("creditNotes.listLineItems", &LINES),
    run("creditNotes.voidCreditNote", &[], void::run),
];

static NOTES: Listing = Listing {
    kind: "credit_note",
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Equal("invoice"),
        Filter::Within("created", "created"),
    ],
};

static LINES: Listing =
    Listing { kind: "credit_note_line_item", parent: Some(("credit_note", "_credit_note")), filters: &[] };
