//! Payment intents (Stripe's API, PaymentIntents):
//! `requires_payment_method → requires_confirmation → requires_action →
//! requires_capture → succeeded`, and `canceled` from anywhere but `succeeded`.
//!
//! A debit of a bank account is `processing` until the bank answers. The account takes
//! nothing that sends the customer elsewhere, so a confirmation needs no `return_url`. A
//! refused attempt leaves its intent behind.

mod apply_balance;
mod authenticate;
mod cancel;
mod capture;
mod confirm;
mod create;
mod expire;
mod increment;
mod methods;
mod options;
mod params;
mod state;
mod update;
mod verify;

use crate::{
    registry::{Does, Row, list, run},
    wire::list::{Filter, Listing},
};

pub(crate) use authenticate::as_customer;
pub(crate) use expire::{due_at, perform_due};
pub(crate) use methods::{check_method, fill as fill_methods, named, refuse_types};
pub(crate) use options::{fill as fill_options, in_present_words};
pub(crate) use params::{automatic, check_descriptor, shipping};
pub(crate) use verify::proven;

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["allowed_payment_method_types", "amount", "capture_method", "currency", "customer",
          "description", "excluded_payment_method_types", "metadata", "payment_method",
          "payment_method_data", "payment_method_options", "payment_method_types", "receipt_email", "setup_future_usage", "shipping",
          "statement_descriptor", "statement_descriptor_suffix", "transfer_group", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run(
        "paymentIntents.create",
        shared![
            "automatic_payment_methods",
            "confirm",
            "confirmation_method",
            "error_on_requires_action",
            "mandate_data",
            "off_session",
            "return_url",
            "use_stripe_sdk"
        ],
        create::run,
    ),
    Row { id: "paymentIntents.retrieve", heeds: &["client_secret"], does: Does::Retrieve("payment_intent") },
    run("paymentIntents.update", shared![], update::run),
    list("paymentIntents.list", &INTENTS),
    run(
        "paymentIntents.confirm",
        &[
            "allowed_payment_method_types",
            "capture_method",
            "error_on_requires_action",
            "excluded_payment_method_types",
            "mandate_data",
            "off_session",
            "payment_method",
            "payment_method_data",
            "payment_method_options",
            "payment_method_types",
            "receipt_email",
            "return_url",
            "setup_future_usage",
            "shipping",
            "use_stripe_sdk",
        ],
        confirm::run,
    ),
    run(
        "paymentIntents.capture",
        &[
            "amount_to_capture",
            "final_capture",
            "metadata",
            "statement_descriptor",
            "statement_descriptor_suffix",
        ],
        capture::run,
    ),
    run("paymentIntents.cancel", &["cancellation_reason"], cancel::run),
    run(
        "paymentIntents.incrementAuthorization",
        &["amount", "description", "metadata", "statement_descriptor"],
        increment::run,
    ),
    run("paymentIntents.applyCustomerBalance", &["amount", "currency"], apply_balance::run),
    run("paymentIntents.verifyMicrodeposits", &["amounts", "descriptor_code"], verify::run),
];

static INTENTS: Listing = Listing {
    kind: "payment_intent",
    parent: None,
    filters: &[Filter::Equal("customer"), Filter::Within("created", "created")],
};
