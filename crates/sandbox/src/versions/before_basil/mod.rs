//! What basil (2025-03-31) changed, undone for acacia.
//!
//! Basil took invoices apart: who pays one went to its `payments`, where it comes from to
//! its `parent`, its price to `pricing`, its taxes to `taxes`; and periods went from
//! subscriptions to their items (Stripe's changelog, 2025-03-31.basil).

mod credit_note;
mod invoice;
mod line;
mod requests;
mod subscription;

use serde_json::{Value, json};

use super::{ObjectChange, Step};
use crate::{discounts, state::Tx, value, wire::render};

pub(super) const STEP: Step = Step {
    release: "basil",
    objects: &[
        credit_note::NOTE,
        credit_note::LINE,
        invoice::PAYMENT,
        invoice::SUBSCRIPTION,
        invoice::TAXES,
        invoice::REST,
        line::LINE,
        line::ITEM,
        subscription::PERIOD,
        subscription::DISCOUNT,
        ObjectChange {
            what: "a session had where to send things beside what else it collected",
            object: "checkout.session",
            gives: &["shipping_details"],
            undo: |_, session| {
                let collected = session["collected_information"]["shipping_details"].clone();
                value::set(session, "shipping_details", collected);
            },
        },
        ObjectChange {
            what: "a payment intent named its invoice",
            object: "payment_intent",
            gives: &["invoice"],
            undo: |tx, intent| of_invoice(tx, value::id(intent).to_owned(), intent),
        },
        ObjectChange {
            what: "a charge named its invoice",
            object: "charge",
            gives: &["invoice"],
            undo: |tx, charge| {
                let intent = value::text(charge, "payment_intent").unwrap_or_default().to_owned();
                of_invoice(tx, intent, charge);
            },
        },
        ObjectChange {
            what: "usage records were summed up as the price said; the sandbox has none",
            object: "price",
            gives: &["recurring.aggregate_usage"],
            undo: |_, price| {
                if let Some(recurring) = price.get_mut("recurring") {
                    value::set(recurring, "aggregate_usage", Value::Null);
                }
            },
        },
        ObjectChange {
            what: "usage records were summed up as the plan said; the sandbox has none",
            object: "plan",
            gives: &["aggregate_usage"],
            undo: |_, plan| value::set(plan, "aggregate_usage", Value::Null),
        },
    ],
    requests: &[requests::ITEM_PRICE, requests::AGGREGATION, requests::DISCOUNT],
};

/// The one discount of an object; null when there is none or there are several.
fn the_discount(tx: &Tx, shown: &Value) -> Value {
    match &discounts::ids(shown)[..] {
        [one] => tx.get(one).map(|discount| render(tx, discount)).unwrap_or_default(),
        _ => Value::Null,
    }
}

/// Writes the invoice of a payment intent.
fn of_invoice(tx: &Tx, intent: String, shown: &mut Value) {
    let invoice = tx.get(&intent).and_then(|intent| value::text(intent, "_invoice"));
    value::set(shown, "invoice", json!(invoice));
}
