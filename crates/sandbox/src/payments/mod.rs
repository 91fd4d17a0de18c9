//! The payment intents and charges behind invoices. Creating and confirming payment
//! intents by themselves comes with a later version.

mod attempt;
mod charge;
mod intent;

use crate::{
    registry::{Does, Row, list, retrieve},
    wire::list::{Filter, Listing},
};

pub(crate) use attempt::{Charged, collect};
pub(crate) use intent::{cancel_for_invoice, for_invoice, settle_invoice_payment};

pub(crate) static ROWS: &[Row] = &[
    Row { id: "paymentIntents.retrieve", heeds: &["client_secret"], does: Does::Retrieve("payment_intent") },
    list("paymentIntents.list", &INTENTS),
    retrieve("charges.retrieve", "charge"),
    list("charges.list", &CHARGES),
];

static INTENTS: Listing = Listing {
    kind: "payment_intent",
    parent: None,
    filters: &[Filter::Equal("customer"), Filter::Within("created", "created")],
};

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
