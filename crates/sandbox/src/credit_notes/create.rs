//! `POST /v1/credit_notes`.

use serde_json::Value;

use super::{effects, lines, object, split};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let invoice = invoice(tx, call)?;
    let credited = lines::credited(tx, call, &invoice)?;
    let split = split::split(tx, call, &invoice, credited.total)?;
    let mut note = object::fresh(tx, call, &invoice, &credited);
    tx.put(note.clone());
    for mut line in credited.lines {
        value::set(&mut line, "_credit_note", value::id(&note));
        tx.put(line);
    }
    effects::apply(tx, &mut note, &invoice, &split)?;
    tx.put(note.clone());
    tx.emit("credit_note.created", &note);
    Ok(note)
}

/// The invoice that a request credits.
pub(super) fn invoice(tx: &Tx, call: &Call) -> Result<Value, Refusal> {
    if call.has("shipping_cost") {
        return Err(refusal::not_here("the parameter `shipping_cost`").with_param("shipping_cost"));
    }
    tx.at_param("invoice", call.text("invoice").unwrap_or_default(), "invoice")
}
