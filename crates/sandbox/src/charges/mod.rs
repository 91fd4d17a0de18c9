//! Charges (Stripe's API, Charges): attempts at a card. They are made by payment
//! intents only; the older way of creating one alone is not here.

mod capture;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

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
    run("charges.capture", &["amount"], capture::run),
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
