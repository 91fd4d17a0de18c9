//! `DELETE /v1/test_helpers/test_clocks/{test_clock}`, which happens by itself after
//! thirty days: the clock's customers go with it.

use serde_json::{Value, json};

use super::KIND;
use crate::{
    customers,
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let clock = tx.at_path(KIND, call.id())?;
    Ok(delete(tx, &clock))
}

/// The clock's thirty days are over.
pub(crate) fn perform_due(tx: &mut Tx, clock: &Value) {
    delete(tx, clock);
}

fn delete(tx: &mut Tx, clock: &Value) -> Value {
    let id = value::id(clock);
    for customer in tx.pointing_at("customer", id) {
        customers::bury(tx, &customer);
    }
    let shown = tx.seen(clock);
    tx.remove(id);
    tx.emit_seen("test_helpers.test_clock.deleted", &shown, None);
    json!({"id": id, "object": KIND, "deleted": true})
}
