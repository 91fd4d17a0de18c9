//! Charges (Stripe's API, Charges): attempts at a payment method. Payment intents make
//! them; the older way makes one alone, of a card's token or a customer's card source.

mod capture;
mod create;
mod expire;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use expire::{due_at, perform_due};

pub(crate) static ROWS: &[Row] = &[
    retrieve("charges.retrieve", "charge"),
    list("charges.list", &CHARGES),
    run(
        "charges.update",
        &[
            "customer",
            "description",
            "fraud_details",
            "metadata",
            "receipt_email",
            "shipping",
            "transfer_group",
        ],
        update::run,
    ),
    run(
        "charges.create",
        &[
            "amount",
            "capture",
            "currency",
            "customer",
            "description",
            "metadata",
            "receipt_email",
            "shipping",
            "source",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        ],
        create::run,
    ),
    run(
        "charges.capture",
        &["amount", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group"],
        capture::run,
    ),
];

static CHARGES: Listing = Listing {
    kind: "charge",
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("payment_intent"),
        Filter::Equal("transfer_group"),
        Filter::Within("created", "created"),
    ],
};
