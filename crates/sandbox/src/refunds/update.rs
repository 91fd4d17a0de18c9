//! `POST /v1/refunds/{refund}`: metadata, nothing else. Two events tell of it.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let refund = tx.at_path("refund", call.id())?;
    let before = tx.seen(&refund);
    let mut after = refund;
    value::merge_metadata(&mut after, &call.params);
    tx.put(after.clone());
    tx.emit_changed("refund.updated", &before, call.id());
    tx.emit_changed("charge.refund.updated", &before, call.id());
    Ok(after)
}
