//! `POST /v1/checkout/sessions/{session}/expire`, and what time does to sessions.

use serde_json::Value;

use super::KIND;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let session = tx.at_path(KIND, call.id())?;
    if session["status"] != "open" {
        return Err(refusal::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {}.",
            value::text(&session, "status").unwrap_or_default()
        )));
    }
    Ok(expire(tx, session))
}

fn expire(tx: &mut Tx, mut session: Value) -> Value {
    value::set(&mut session, "status", "expired");
    value::set(&mut session, "url", Value::Null);
    tx.put(session.clone());
    tx.emit("checkout.session.expired", &session);
    session
}

/// When a session that is open expires.
pub(crate) fn due_at(session: &Value) -> Option<i64> {
    session["expires_at"].as_i64().filter(|_| session["status"] == "open")
}

/// Its time is over.
pub(crate) fn perform_due(tx: &mut Tx, session: Value) {
    expire(tx, session);
}
