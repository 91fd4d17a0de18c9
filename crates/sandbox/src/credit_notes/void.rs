//! `POST /v1/credit_notes/{id}/void`: while its invoice is open, which then asks for the
//! money again. What was given back stays given.

use serde_json::Value;

use crate::{
    invoices,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut note = tx.at_path("credit_note", call.id())?;
    if note["status"] == "void" {
        return Err(refusal::invalid("This credit note is already void."));
    }
    let invoice = tx.at_param("invoice", value::text(&note, "invoice").unwrap_or_default(), "invoice")?;
    if !matches!(value::text(&invoice, "status"), Some("open" | "uncollectible")) {
        return Err(refusal::invalid(format!(
            "You can only void a credit note while its invoice is open; the invoice {} is {}.",
            value::id(&invoice),
            value::text(&invoice, "status").unwrap_or_default()
        )));
    }
    value::set(&mut note, "status", "void");
    value::set(&mut note, "voided_at", tx.now());
    tx.put(note.clone());
    invoices::credited(tx, &invoice, -value::int(&note, "pre_payment_amount"));
    tx.emit("credit_note.voided", &note);
    Ok(note)
}
