//! `DELETE /v1/customers/{customer}`: a stub stays; payment methods are let go, sources,
//! tax ids and pending items go with it.

use serde_json::Value;

use crate::{
    state::Tx,
    subscriptions, value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = tx.at_path("customer", call.id())?;
    Ok(bury(tx, &customer))
}

/// Deletes a customer and what goes with it. Returns the stub that stays.
pub(crate) fn bury(tx: &mut Tx, customer: &Value) -> Value {
    let id = value::id(customer);
    subscriptions::of_deleted_customer(tx, id);
    for mut method in tx.pointing_at("payment_method", id) {
        value::set(&mut method, "customer", Value::Null);
        tx.put(method);
    }
    for kind in ["card", "tax_id"] {
        for gone in tx.pointing_at(kind, id) {
            tx.bury(kind, value::id(&gone));
        }
    }
    for item in tx.pointing_at("invoiceitem", id) {
        if item["invoice"].is_null() {
            tx.remove(value::id(&item));
        }
    }
    let stub = tx.bury("customer", id);
    tx.emit("customer.deleted", customer);
    stub
}
