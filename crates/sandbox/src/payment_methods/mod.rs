//! Payment methods: cards, made from Stripe's test tokens (Stripe's docs, Testing).

mod attach;
pub(crate) mod cards;
mod create;
mod detach;
mod object;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use attach::attach_to;
pub(crate) use cards::Card;
pub(crate) use object::for_payment;

pub(crate) static ROWS: &[Row] = &[
    run(
        "paymentMethods.create",
        &["type", "card", "billing_details", "metadata", "allow_redisplay"],
        create::run,
    ),
    retrieve("paymentMethods.retrieve", "payment_method"),
    list("paymentMethods.list", &METHODS),
    list("customers.listPaymentMethods", &OF_CUSTOMER),
    run("paymentMethods.attach", &["customer"], attach::run),
    run("paymentMethods.detach", &[], detach::run),
    run("paymentMethods.update", &["billing_details", "card", "metadata", "allow_redisplay"], update::run),
];

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
