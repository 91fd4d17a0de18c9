//! `POST /v1/setup_intents/{intent}`: until it is confirmed. No event tells of it.

use serde_json::Value;

use super::{
    params,
    state::{self, UNCONFIRMED},
};
use crate::{
    state::Tx,
    wire::{Call, Refusal},
};

/// What can be changed in any status.
const ALWAYS: &[&str] = &["description", "expand", "metadata"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("setup_intent", call.id())?;
    if call.params.keys().any(|name| !ALWAYS.contains(&name.as_str())) {
        state::only_in(tx, &intent, UNCONFIRMED, "update")?;
    }
    params::fill(tx, &mut intent, call)?;
    tx.put(intent.clone());
    Ok(intent)
}
