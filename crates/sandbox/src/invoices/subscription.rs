//! What subscriptions need of invoices.

use serde_json::{Value, json};

use super::{advance, object, uncollectible, void};
use crate::{state::Tx, value};

/// A draft of a subscription. It advances by itself, an hour from now.
pub(crate) fn for_subscription(tx: &mut Tx, customer: &Value, subscription: &Value, reason: &str) -> Value {
    let currency = value::text(subscription, "currency").unwrap_or_default().to_owned();
    let mut invoice = object::fresh(tx, customer, &currency);
    let now = tx.now();
    value::set(&mut invoice, "billing_reason", reason);
    value::set(&mut invoice, "collection_method", subscription["collection_method"].clone());
    value::set(&mut invoice, "_subscription", value::id(subscription));
    let details = json!({"metadata": subscription["metadata"], "subscription": subscription["id"]});
    let parent = json!({
        "quote_details": null, "subscription_details": details, "type": "subscription_details",
    });
    value::set(&mut invoice, "parent", parent);
    if let Some(days) = subscription["days_until_due"].as_i64() {
        value::set(&mut invoice, "_days_until_due", days);
        value::set(&mut invoice, "due_date", now + days * 86_400);
    }
    for field in ["custom_fields", "description", "footer"] {
        value::set(&mut invoice, field, subscription["invoice_settings"][field].clone());
    }
    value::set(&mut invoice, "auto_advance", true);
    value::set(&mut invoice, "automatically_finalizes_at", now + advance::HOUR);
    invoice
}

/// Puts a line on a draft; the caller recalculates.
pub(crate) fn add_line(tx: &mut Tx, invoice: &mut Value, line: Value) {
    let mut lines = invoice["_lines"].as_array().cloned().unwrap_or_default();
    lines.push(line["id"].clone());
    value::set(invoice, "_lines", lines);
    tx.put(line);
}

/// Voids an invoice if it is open.
pub(crate) fn void_open(tx: &mut Tx, id: &str) {
    if let Some(invoice) = tx.find("invoice", id).filter(|i| i["status"] == "open").cloned() {
        void::void(tx, invoice);
    }
}

/// Writes an invoice off if it is open.
pub(crate) fn give_up(tx: &mut Tx, id: &str) {
    if let Some(invoice) = tx.find("invoice", id).filter(|i| i["status"] == "open").cloned() {
        uncollectible::mark(tx, invoice);
    }
}

/// Nothing of this invoice happens by itself any more. Silent.
pub(crate) fn stop(tx: &mut Tx, mut invoice: Value) {
    value::set(&mut invoice, "auto_advance", false);
    value::set(&mut invoice, "automatically_finalizes_at", Value::Null);
    value::set(&mut invoice, "next_payment_attempt", Value::Null);
    tx.put(invoice);
}
