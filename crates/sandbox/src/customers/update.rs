//! `POST /v1/customers/{customer}`.

use serde_json::Value;

use super::{
    balance::{self, Why},
    cash, object,
};
use crate::{
    account, discounts,
    payment_methods::sources,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("customer", call.id())?;
    let mut after = before.clone();
    object::fill(tx, &mut after, call)?;
    cash::settings(&mut after, call.params.get("cash_balance").and_then(|given| given.get("settings")));
    let source = source(tx, &mut after, call)?;
    let discount = discounts::set_of_customer(tx, &mut after, call)?;
    let code = value::text(&before, "currency").unwrap_or(account::CURRENCY);
    balance::record(tx, &before, &after, code, Why { kind: "adjustment", ..Why::default() });
    tx.change("customer.updated", &before, after.clone());
    if let Some(discount) = discount {
        discount.tell(tx);
    }
    if let Some(source) = source {
        tx.emit("customer.source.created", &source);
    }
    Ok(after)
}

/// A new source becomes the default, and `default_source` chooses among those there are.
fn source(tx: &mut Tx, customer: &mut Value, call: &Call) -> Result<Option<Value>, Refusal> {
    if let Some(token) = call.text("source") {
        let made = sources::attach(tx, customer, token, "source")?;
        value::set(customer, "default_source", value::id(&made));
        return Ok(Some(made));
    }
    if let Some(id) = call.text("default_source") {
        let known = tx.find("card", id).filter(|card| card["customer"] == customer["id"]);
        known.ok_or_else(|| refusal::missing("source", id, "default_source"))?;
        value::set(customer, "default_source", id);
    }
    Ok(None)
}
