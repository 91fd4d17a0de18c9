//! `POST /v1/setup_intents/{intent}/verify_microdeposits`.

use serde_json::Value;

use super::{outcome, state};
use crate::{
    payment_intents,
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let intent = tx.at_path("setup_intent", call.id())?;
    state::only_in(tx, &intent, &["requires_action"], "verify")?;
    let method = payment_intents::proven(tx, &intent, call)?;
    let attempt = value::text(&intent, "latest_attempt").unwrap_or_default().to_owned();
    let attempt = tx.at_param("setup_attempt", &attempt, "latest_attempt")?;
    outcome::set_up(tx, intent, attempt, &method)
}
