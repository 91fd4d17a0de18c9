//! `POST /v1/checkout/sessions/{session}`: its metadata. No event tells of it.

use serde_json::Value;

use super::KIND;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut session = tx.at_path(KIND, call.id())?;
    value::merge_metadata(&mut session, &call.params);
    tx.put(session.clone());
    Ok(session)
}
