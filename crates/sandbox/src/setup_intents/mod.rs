//! Setup intents (Stripe's API, SetupIntents): a payment method made ready for later
//! payments. `requires_payment_method → requires_confirmation → requires_action →
//! succeeded`, and `canceled` from anywhere but `succeeded`.
//!
//! No money moves. Each confirmation leaves a setup attempt.

mod authenticate;
mod cancel;
mod confirm;
mod create;
mod object;
mod outcome;
mod params;
mod state;
mod update;
mod verify;

use crate::{
    registry::{Does, Row, list, run},
    wire::list::{Filter, Listing},
};

pub(crate) use authenticate::as_customer;

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["allowed_payment_method_types", "attach_to_self", "customer", "description",
          "excluded_payment_method_types", "flow_directions", "metadata", "payment_method",
          "payment_method_data", "payment_method_options", "payment_method_types", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run(
        "setupIntents.create",
        shared![
            "automatic_payment_methods",
            "confirm",
            "mandate_data",
            "return_url",
            "usage",
            "use_stripe_sdk"
        ],
        create::run,
    ),
    Row { id: "setupIntents.retrieve", heeds: &["client_secret"], does: Does::Retrieve("setup_intent") },
    run("setupIntents.update", shared![], update::run),
    list("setupIntents.list", &INTENTS),
    run(
        "setupIntents.confirm",
        &[
            "allowed_payment_method_types",
            "mandate_data",
            "payment_method",
            "payment_method_data",
            "payment_method_options",
            "return_url",
            "use_stripe_sdk",
        ],
        confirm::run,
    ),
    run("setupIntents.cancel", &["cancellation_reason"], cancel::run),
    run("setupIntents.verifyMicrodeposits", &["amounts", "descriptor_code"], verify::run),
    list("setupAttempts.list", &ATTEMPTS),
];

static INTENTS: Listing = Listing {
    kind: "setup_intent",
    parent: None,
    filters: &[
        Filter::Equal("attach_to_self"),
        Filter::Equal("customer"),
        Filter::Equal("payment_method"),
        Filter::Within("created", "created"),
    ],
};

static ATTEMPTS: Listing = Listing {
    kind: "setup_attempt",
    parent: None,
    filters: &[Filter::Equal("setup_intent"), Filter::Within("created", "created")],
};
