//! `POST /v1/customers/{customer}`.

use serde_json::Value;

use super::object;
use crate::{
    state::Tx,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("customer", call.id())?;
    let mut after = before.clone();
    object::fill(tx, &mut after, call)?;
    tx.change("customer.updated", &before, after.clone());
    Ok(after)
}
