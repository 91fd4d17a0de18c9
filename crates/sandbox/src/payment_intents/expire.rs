//! What time does to a payment intent: a bank lets go of held money after seven days, and
//! the intent is canceled (Stripe's docs, Place a hold); a bank answers to a debit.

use serde_json::Value;

use crate::{
    payments,
    refunds::{self, Released},
    state::Tx,
    value,
};

/// When the bank lets go of what is held, or answers.
pub(crate) fn due_at(intent: &Value) -> Option<i64> {
    match value::text(intent, "status") {
        Some("requires_capture") => intent["_held_until"].as_i64(),
        Some("processing") => intent["_settles_at"].as_i64(),
        _ => None,
    }
}

/// Does what is due.
pub(crate) fn perform_due(tx: &mut Tx, intent: Value) {
    match value::text(&intent, "status") {
        Some("processing") => payments::end(tx, intent),
        _ => let_go(tx, intent),
    }
}

fn let_go(tx: &mut Tx, mut intent: Value) {
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
