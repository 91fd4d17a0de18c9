//! `POST /v1/invoices/{invoice}/mark_uncollectible`: from open; it can still be paid.

use serde_json::{Value, json};

use super::object;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let invoice = tx.at_path("invoice", call.id())?;
    if invoice["status"] != "open" {
        return Err(object::not_editable(&format!(
            "You can only mark an open invoice as uncollectible; this one is {}.",
            value::text(&invoice, "status").unwrap_or_default()
        )));
    }
    Ok(mark(tx, invoice))
}

/// Writes an open invoice off.
pub(super) fn mark(tx: &mut Tx, mut invoice: Value) -> Value {
    let before = tx.seen(&invoice);
    let id = value::id(&invoice).to_owned();
    value::set(&mut invoice, "status", "uncollectible");
    value::set(&mut invoice, "auto_advance", false);
    invoice["status_transitions"]["marked_uncollectible_at"] = json!(tx.now());
    tx.put(invoice.clone());
    tx.emit_changed("invoice.updated", &before, &id);
    tx.emit("invoice.marked_uncollectible", &invoice);
    invoice
}
