//! What time does to a charge without a payment intent: held money is let go after seven
//! days.

use serde_json::Value;

use crate::{
    refunds::{self, Released},
    state::Tx,
    value,
};

/// When the bank lets go of what is held.
pub(crate) fn due_at(charge: &Value) -> Option<i64> {
    (charge["captured"] == false && charge["refunded"] == false)
        .then(|| charge.get("_held_until")?.as_i64())
        .flatten()
}

/// Lets go of it.
pub(crate) fn perform_due(tx: &mut Tx, mut charge: Value) {
    value::set(&mut charge, "_held_until", Value::Null);
    tx.put(charge.clone());
    refunds::release(tx, &charge, Released::Expired);
}
