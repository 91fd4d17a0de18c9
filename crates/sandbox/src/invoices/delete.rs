//! `DELETE /v1/invoices/{invoice}`: drafts only; their items are pending again.

use serde_json::{Value, json};

use super::object;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let invoice = tx.at_path("invoice", call.id())?;
    object::only_draft(&invoice)?;
    let shown = tx.seen(&invoice);
    for line in tx.pointing_at("line_item", call.id()) {
        tx.remove(value::id(&line));
    }
    for mut item in tx.pointing_at("invoiceitem", call.id()) {
        value::set(&mut item, "invoice", Value::Null);
        value::set(&mut item, "_line", Value::Null);
        tx.put(item);
    }
    tx.remove(call.id());
    tx.emit_seen("invoice.deleted", &shown, None);
    Ok(json!({"id": call.id(), "object": "invoice", "deleted": true}))
}
