//! Invoice items: what a customer will be billed. Pending until an invoice takes
//! them; each is then one line of that invoice.

mod added;
pub(crate) mod amount;
mod create;
mod delete;
mod object;
mod priced;
mod prorated;
mod terms;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use added::added;
pub(crate) use object::{derive, join};
pub(crate) use priced::details;
pub(crate) use prorated::prorated;

pub(crate) static ROWS: &[Row] = &[
    run(
        "invoiceItems.create",
        &[
            "amount",
            "currency",
            "customer",
            "description",
            "discountable",
            "discounts",
            "invoice",
            "metadata",
            "period",
            "price_data",
            "pricing",
            "quantity",
            "subscription",
            "tax_behavior",
            "tax_code",
            "tax_rates",
            "unit_amount_decimal",
        ],
        create::run,
    ),
    retrieve("invoiceItems.retrieve", "invoiceitem"),
    run(
        "invoiceItems.update",
        &[
            "amount",
            "description",
            "discountable",
            "discounts",
            "metadata",
            "period",
            "price_data",
            "pricing",
            "quantity",
            "tax_behavior",
            "tax_code",
            "tax_rates",
            "unit_amount_decimal",
        ],
        update::run,
    ),
    run("invoiceItems.del", &[], delete::run),
    list("invoiceItems.list", &ITEMS),
];

static ITEMS: Listing = Listing {
    kind: "invoiceitem",
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Equal("invoice"),
        Filter::Within("created", "date"),
        Filter::By("pending", |_, given, item| {
            given.as_bool().is_none_or(|wanted| wanted == item.get("invoice").is_none_or(Value::is_null))
        }),
    ],
};
