//! `DELETE /v1/invoiceitems/{invoiceitem}`: only while it is pending or its invoice
//! is a draft.

use serde_json::{Value, json};

use crate::{
    invoices,
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let item = tx.at_path("invoiceitem", call.id())?;
    let before = invoices::draft_of_item(tx, &item)?;
    tx.remove(call.id());
    tx.emit("invoiceitem.deleted", &item);
    if let Some(before) = before {
        let shown = tx.seen(&before);
        let mut after = before;
        let line = item["_line"].clone();
        tx.remove(line.as_str().unwrap_or_default());
        let mut lines = after["_lines"].as_array().cloned().unwrap_or_default();
        lines.retain(|id| *id != line);
        value::set(&mut after, "_lines", lines);
        invoices::recalculate(tx, &mut after);
        let id = value::id(&after).to_owned();
        tx.put(after);
        tx.emit_changed("invoice.updated", &shown, &id);
    }
    Ok(json!({"id": call.id(), "object": "invoiceitem", "deleted": true}))
}
