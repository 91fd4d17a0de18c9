//! What time does to money that is held: a bank lets go of it after seven days, and
//! the intent is canceled (Stripe's docs, Place a hold).

use serde_json::Value;

use crate::{
    refunds::{self, Released},
    state::Tx,
    value,
};

/// When the bank lets go of what is held.
pub(crate) fn due_at(intent: &Value) -> Option<i64> {
    (intent["status"] == "requires_capture").then(|| intent["_held_until"].as_i64()).flatten()
}

/// Lets go of it.
pub(crate) fn perform_due(tx: &mut Tx, mut intent: Value) {
    value::set(&mut intent, "status", "canceled");
    value::set(&mut intent, "amount_capturable", 0);
    value::set(&mut intent, "canceled_at", tx.now());
    value::set(&mut intent, "cancellation_reason", "automatic");
    tx.put(intent.clone());
    let charge = value::text(&intent, "latest_charge").and_then(|id| tx.find("charge", id)).cloned();
    if let Some(charge) = charge {
        refunds::release(tx, &charge, Released::Expired);
    }
    tx.emit("payment_intent.canceled", &intent);
}
