//! What create and update write on an invoice, and when payment is due.

use serde_json::Value;

use super::advance;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// Writes the parameters that create and update have in common.
pub(super) fn fill(tx: &Tx, invoice: &mut Value, call: &Call) -> Result<(), Refusal> {
    value::assign(
        invoice,
        &call.params,
        &[
            "auto_advance",
            "collection_method",
            "custom_fields",
            "description",
            "effective_at",
            "footer",
            "number",
            "statement_descriptor",
        ],
    );
    value::merge_metadata(invoice, &call.params);
    if let Some(id) = call.text("default_payment_method") {
        let method = tx.at_param("payment_method", id, "default_payment_method")?;
        if method["customer"] != invoice["customer"] {
            return Err(refusal::invalid(
                "The payment method does not belong to the invoice's customer. Attach it first.",
            )
            .with_param("default_payment_method"));
        }
        value::set(invoice, "default_payment_method", id);
    } else if call.has("default_payment_method") {
        value::set(invoice, "default_payment_method", Value::Null);
    }
    if invoice["auto_advance"] != true {
        value::set(invoice, "automatically_finalizes_at", Value::Null);
    } else if invoice["automatically_finalizes_at"].is_null() {
        value::set(invoice, "automatically_finalizes_at", tx.now() + advance::HOUR);
    }
    due(invoice, call)
}

/// Checks and writes when payment is due.
fn due(invoice: &mut Value, call: &Call) -> Result<(), Refusal> {
    if call.has("days_until_due") && call.has("due_date") {
        return Err(refusal::exclusive("days_until_due", "due_date"));
    }
    let sent = invoice["collection_method"] == "send_invoice";
    if !sent && (call.has("days_until_due") || call.has("due_date")) {
        let param = if call.has("due_date") { "due_date" } else { "days_until_due" };
        return Err(refusal::invalid(format!(
            "You can only use `{param}` when the invoice's `collection_method` is `send_invoice`."
        ))
        .with_param(param));
    }
    if let Some(days) = call.int("days_until_due") {
        if !(0..=3650).contains(&days) {
            return Err(refusal::invalid(format!(
                "Invalid days_until_due: {days}; it must be between 0 and 3650"
            ))
            .with_param("days_until_due"));
        }
        value::set(invoice, "_days_until_due", days);
        value::set(invoice, "due_date", value::int(invoice, "created") + days * 86_400);
    }
    if let Some(date) = call.int("due_date") {
        if date < value::int(invoice, "created") {
            return Err(refusal::invalid("Invalid due_date: it lies in the past").with_param("due_date"));
        }
        value::set(invoice, "_days_until_due", Value::Null);
        value::set(invoice, "due_date", date);
    }
    if sent && invoice["due_date"].is_null() {
        return Err(refusal::invalid(
            "If `collection_method` is `send_invoice`, you must give `due_date` or `days_until_due`.",
        )
        .with_param("days_until_due"));
    }
    Ok(())
}
