//! `POST /v1/customers`.

use serde_json::Value;

use super::object;
use crate::{
    payment_methods,
    state::Tx,
    test_clocks, value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    if let Some(clock) = call.text("test_clock") {
        test_clocks::take_customer(tx, clock, "test_clock")?;
    }
    let mut customer = object::fresh(tx);
    // Stored before the rest, so that the payment method has somebody to belong to.
    tx.put(customer.clone());
    let method = match call.text("payment_method") {
        Some(id) => Some(payment_methods::attach_to(tx, id, &customer, "payment_method")?),
        None => None,
    };
    object::fill(tx, &mut customer, call)?;
    tx.put(customer.clone());
    tx.emit("customer.created", &customer);
    if let Some(method) = method {
        let attached = tx.get(value::id(&method)).cloned().unwrap_or(method);
        tx.emit("payment_method.attached", &attached);
    }
    Ok(customer)
}
