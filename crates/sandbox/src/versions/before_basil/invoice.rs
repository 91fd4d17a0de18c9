//! The invoice in one piece.

use serde_json::{Value, json};

use super::{super::ObjectChange, line::tax_amounts, the_discount};
use crate::{state::Tx, value};

pub(super) const PAYMENT: ObjectChange = ObjectChange {
    what: "who paid stood on the invoice, not in its payments",
    object: "invoice",
    gives: &["charge", "paid", "paid_out_of_band", "payment_intent"],
    undo: payment,
};

pub(super) const SUBSCRIPTION: ObjectChange = ObjectChange {
    what: "where it comes from stood on the invoice, not in its parent",
    object: "invoice",
    gives: &["quote", "subscription", "subscription_details", "subscription_proration_date"],
    undo: parent,
};

pub(super) const TAXES: ObjectChange = ObjectChange {
    what: "taxes had a sum, and named their rates",
    object: "invoice",
    gives: &["tax", "total_tax_amounts"],
    undo: taxes,
};

pub(super) const REST: ObjectChange = ObjectChange {
    what: "an invoice had one discount whole, and what Connect takes from it, which is nothing here",
    object: "invoice",
    gives: &["application_fee_amount", "discount", "transfer_data"],
    undo: |tx, invoice| {
        value::set(invoice, "discount", the_discount(tx, invoice));
        for field in ["application_fee_amount", "transfer_data"] {
            value::set(invoice, field, Value::Null);
        }
    },
};

/// The one payment intent of the invoice, and its latest attempt.
fn payment(tx: &Tx, invoice: &mut Value) {
    let stored = tx.get(value::id(invoice));
    let intent = stored.and_then(|stored| value::text(stored, "_payment_intent"));
    let charge = intent.and_then(|id| tx.get(id)).and_then(|intent| value::text(intent, "latest_charge"));
    value::set(invoice, "payment_intent", json!(intent));
    value::set(invoice, "charge", json!(charge));
    let paid = invoice["status"] == "paid";
    value::set(invoice, "paid", paid);
    let elsewhere = value::int(invoice, "amount_paid_off_stripe") > 0;
    value::set(invoice, "paid_out_of_band", paid && elsewhere);
}

fn parent(_: &Tx, invoice: &mut Value) {
    let details = invoice["parent"]["subscription_details"].take();
    value::set(invoice, "quote", Value::Null);
    value::set(invoice, "subscription", details["subscription"].clone());
    value::set(invoice, "subscription_details", json!({"metadata": details["metadata"]}));
    if let Some(date) = details.get("subscription_proration_date").filter(|date| date.is_number()) {
        value::set(invoice, "subscription_proration_date", date.clone());
    }
}

fn taxes(_: &Tx, invoice: &mut Value) {
    let amounts = tax_amounts(&invoice["total_taxes"]);
    let each = amounts.as_array().into_iter().flatten();
    let sum = each.map(|tax| value::int(tax, "amount")).reduce(i64::saturating_add);
    value::set(invoice, "tax", sum);
    value::set(invoice, "total_tax_amounts", amounts);
}
