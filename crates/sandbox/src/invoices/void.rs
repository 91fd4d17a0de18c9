//! `POST /v1/invoices/{invoice}/void`: from open or uncollectible, for good.

use serde_json::{Value, json};

use super::object;
use crate::{
    payments,
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let invoice = tx.at_path("invoice", call.id())?;
    if !matches!(value::text(&invoice, "status"), Some("open" | "uncollectible")) {
        return Err(object::not_editable(&format!(
            "You can only void an open or uncollectible invoice; this one is {}.",
            value::text(&invoice, "status").unwrap_or_default()
        )));
    }
    Ok(void(tx, invoice))
}

/// Voids an invoice that can be.
pub(super) fn void(tx: &mut Tx, mut invoice: Value) -> Value {
    let id = value::id(&invoice).to_owned();
    let before = tx.seen(&invoice);
    value::set(&mut invoice, "status", "void");
    value::set(&mut invoice, "auto_advance", false);
    value::set(&mut invoice, "next_payment_attempt", Value::Null);
    invoice["status_transitions"]["voided_at"] = json!(tx.now());
    tx.put(invoice.clone());
    tx.emit("invoice.voided", &invoice);
    tx.emit_changed("invoice.updated", &before, &id);
    payments::cancel_for_invoice(tx, &invoice, Some("void_invoice"));
    invoice
}
