//! `POST /v1/payment_methods/{payment_method}/detach`: for good.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("payment_method", call.id())?;
    let Some(owner) = value::text(&before, "customer").map(str::to_owned) else {
        return Err(refusal::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        )
        .with_code("payment_method_unexpected_state"));
    };
    let seen = tx.seen(&before);
    let mut after = before;
    value::set(&mut after, "customer", Value::Null);
    tx.put(after.clone());
    if let Some(customer) = tx.find("customer", &owner).cloned() {
        forget(tx, customer, call.id());
    }
    tx.emit_changed("payment_method.detached", &seen, call.id());
    Ok(after)
}

/// A detached payment method is nobody's default.
fn forget(tx: &mut Tx, customer: Value, method: &str) {
    if customer["invoice_settings"]["default_payment_method"] != method {
        return;
    }
    let mut after = customer.clone();
    after["invoice_settings"]["default_payment_method"] = Value::Null;
    tx.change("customer.updated", &customer, after);
}
