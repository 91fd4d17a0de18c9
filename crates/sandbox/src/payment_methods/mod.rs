//! Payment methods: cards and bank accounts, made from Stripe's test ids and numbers
//! (Stripe's docs, Testing), and bank transfers to a customer's cash balance. A
//! customer's older card sources are here too: they can pay like any other.

mod attach;
pub(crate) mod banks;
pub(crate) mod cards;
mod create;
mod detach;
mod mandate;
mod object;
pub(crate) mod sources;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    state::Tx,
    wire::{
        Call, Refusal,
        list::{Filter, Listing},
        refusal,
    },
};

pub(crate) use attach::attach_to;
pub(crate) use banks::Bank;
pub(crate) use cards::Card;
pub(crate) use create::from_data;
pub(crate) use mandate::agree;
pub(crate) use object::{for_payment, known};

pub(crate) static ROWS: &[Row] = &[
    run(
        "paymentMethods.create",
        &[
            "type",
            "card",
            "us_bank_account",
            "sepa_debit",
            "customer_balance",
            "billing_details",
            "metadata",
            "allow_redisplay",
        ],
        create::run,
    ),
    retrieve("paymentMethods.retrieve", "payment_method"),
    list("paymentMethods.list", &METHODS),
    list("customers.listPaymentMethods", &OF_CUSTOMER),
    run("customers.retrievePaymentMethod", &[], of_customer),
    retrieve("mandates.retrieve", "mandate"),
    run("paymentMethods.attach", &["customer"], attach::run),
    run("paymentMethods.detach", &[], detach::run),
    run(
        "paymentMethods.update",
        &["billing_details", "card", "us_bank_account", "metadata", "allow_redisplay"],
        update::run,
    ),
];

/// `GET /v1/customers/{customer}/payment_methods/{payment_method}`.
fn of_customer(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = tx.at_path("customer", call.id())?;
    let id = call.ids.get(1).map_or("", String::as_str);
    let method = tx.find("payment_method", id).filter(|method| method["customer"] == customer["id"]);
    method.cloned().ok_or_else(|| refusal::missing("payment_method", id, "id").with_status(404))
}

static METHODS: Listing = Listing {
    kind: "payment_method",
    parent: None,
    filters: &[Filter::Equal("customer"), Filter::Equal("type"), Filter::Equal("allow_redisplay")],
};

static OF_CUSTOMER: Listing = Listing {
    kind: "payment_method",
    parent: Some(("customer", "customer")),
    filters: &[Filter::Equal("type"), Filter::Equal("allow_redisplay")],
};
