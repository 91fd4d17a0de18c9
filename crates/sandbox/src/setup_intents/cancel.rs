//! `POST /v1/setup_intents/{intent}/cancel`: for good. An attempt that waits for the
//! customer is abandoned.

use serde_json::Value;

use super::state::{self, UNCONFIRMED};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("setup_intent", call.id())?;
    state::only_in(tx, &intent, UNCONFIRMED, "cancel")?;
    let waits = intent["status"] == "requires_action";
    let attempt = value::text(&intent, "latest_attempt").and_then(|id| tx.find("setup_attempt", id)).cloned();
    if let Some(mut attempt) = attempt.filter(|_| waits) {
        value::set(&mut attempt, "status", "abandoned");
        tx.put(attempt);
    }
    value::set(&mut intent, "status", "canceled");
    value::set(&mut intent, "cancellation_reason", value::or_null(call.text("cancellation_reason")));
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(intent.clone());
    tx.emit("setup_intent.canceled", &intent);
    Ok(intent)
}
