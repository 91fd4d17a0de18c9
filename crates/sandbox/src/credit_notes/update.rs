//! `POST /v1/credit_notes/{id}`: memo and metadata.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("credit_note", call.id())?;
    let mut after = before.clone();
    value::assign(&mut after, &call.params, &["memo"]);
    value::merge_metadata(&mut after, &call.params);
    tx.change("credit_note.updated", &before, after.clone());
    Ok(after)
}
