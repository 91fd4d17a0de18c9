//! `DELETE /v1/customers/{customer}/discount` and the same of a subscription.
//!
//! A subscription that has several loses the one that was added last.

use serde_json::{Value, json};

use super::{holder, ids};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn of_customer(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("customer", call.id())?;
    let discount = holder::of_customer(tx, call.id()).ok_or_else(|| none("customer", call.id()))?;
    let mut after = before.clone();
    value::set(&mut after, "_discount", Value::Null);
    tx.change("customer.updated", &before, after);
    Ok(gone(tx, &discount))
}

pub(super) fn of_subscription(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("subscription", call.id())?;
    let mut left = ids(&before);
    let last = left.pop().and_then(|id| tx.get(&id).cloned());
    let discount = last.ok_or_else(|| none("subscription", call.id()))?;
    let mut after = before.clone();
    value::set(&mut after, "discounts", left);
    tx.change("customer.subscription.updated", &before, after);
    Ok(gone(tx, &discount))
}

fn none(kind: &str, id: &str) -> Refusal {
    let shown: String = id.chars().take(200).collect();
    refusal::invalid(format!("No active discount for {kind}: {shown}"))
        .with_code("resource_missing")
        .with_status(404)
}

/// What says that a discount is gone; it has no end.
fn gone(tx: &mut Tx, discount: &Value) -> Value {
    holder::ended(tx, value::id(discount));
    let mut stub = value::public(discount);
    if let Value::Object(map) = &mut stub {
        map.shift_remove("end");
    }
    value::set(&mut stub, "deleted", json!(true));
    stub
}
