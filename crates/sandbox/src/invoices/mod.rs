//! Invoices (Stripe's API, Invoices): `draft → open → paid | void | uncollectible`,
//! `uncollectible → paid | void`. A draft can be deleted, nothing else can.
//!
//! Lines, hosted addresses and payments are derived when shown; what is stored under
//! `_` holds the ids.

mod advance;
mod balance;
mod create;
mod credited;
mod delete;
mod finalize;
mod object;
mod params;
mod pay;
mod preview;
mod send;
mod subscription;
mod terms;
mod totals;
mod uncollectible;
mod update;
mod void;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use advance::{due_at, perform_due};
pub(crate) use credited::{credited, credited_after_payment};
pub(crate) use finalize::finalize;
pub(crate) use object::{confirmation_secret, derive, draft_for_item, draft_of_item, payments};
pub(crate) use pay::collect;
pub(crate) use pay::{as_customer, intent_tried};
pub(crate) use subscription::{add_line, for_subscription, give_up, stop, void_open};
pub(crate) use totals::recalculate;

/// What create and update both heed.
macro_rules! shared {
    ($($more:literal),*) => {
        &["auto_advance", "collection_method", "custom_fields", "days_until_due", "default_payment_method",
          "default_tax_rates", "description", "discounts", "due_date", "effective_at", "footer", "metadata", "number",
          "statement_descriptor", $($more),*]
    };
}

pub(crate) static ROWS: &[Row] = &[
    run("invoices.create", shared!["currency", "customer", "pending_invoice_items_behavior"], create::run),
    run(
        "invoices.createPreview",
        &[
            "currency",
            "customer",
            "customer_details",
            "discounts",
            "invoice_items",
            "preview_mode",
            "schedule",
            "subscription",
            "subscription_details",
        ],
        preview::run,
    ),
    retrieve("invoices.retrieve", "invoice"),
    run("invoices.update", shared![], update::run),
    list("invoices.list", &INVOICES),
    run("invoices.del", &[], delete::run),
    run("invoices.finalizeInvoice", &["auto_advance"], finalize::run),
    run("invoices.sendInvoice", &[], send::run),
    run("invoices.pay", &["payment_method", "paid_out_of_band", "off_session"], pay::run),
    run("invoices.voidInvoice", &[], void::run),
    run("invoices.markUncollectible", &[], uncollectible::run),
    list("invoices.listLineItems", &LINES),
    list("invoicePayments.list", &PAYMENTS),
    retrieve("invoicePayments.retrieve", "invoice_payment"),
];

static INVOICES: Listing = Listing {
    kind: "invoice",
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Equal("status"),
        Filter::Equal("collection_method"),
        Filter::Within("created", "created"),
        Filter::Within("due_date", "due_date"),
        Filter::By("subscription", |_, given, invoice| invoice.get("_subscription") == Some(given)),
    ],
};

static LINES: Listing = Listing { kind: "line_item", parent: Some(("invoice", "invoice")), filters: &[] };

static PAYMENTS: Listing = Listing {
    kind: "invoice_payment",
    parent: None,
    filters: &[
        Filter::Equal("invoice"),
        Filter::Equal("status"),
        Filter::Within("created", "created"),
        Filter::By("payment", |_, given, payment| paid_by(given, payment)),
    ],
};

/// Whether an invoice payment is of the payment intent that the filter names.
fn paid_by(given: &Value, payment: &Value) -> bool {
    given.get("type").is_none_or(|kind| *kind == payment["payment"]["type"])
        && given.get("payment_intent").is_none_or(|id| *id == payment["payment"]["payment_intent"])
}
