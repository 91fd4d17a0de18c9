//! `POST /v1/payouts/{payout}`: metadata, nothing else.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("payout", call.id())?;
    let mut after = before.clone();
    value::merge_metadata(&mut after, &call.params);
    tx.change("payout.updated", &before, after.clone());
    Ok(after)
}
