//! `POST /v1/payment_methods/{payment_method}/attach`.
//!
//! A test id such as `pm_card_visa` is a pattern, not an object: attaching it makes
//! a new payment method with an id of its own.

use serde_json::Value;

use super::{Card, cards::Does, object};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let Some(customer) = call.text("customer") else {
        return Err(refusal::invalid("Missing required param: customer.")
            .with_code("parameter_missing")
            .with_param("customer"));
    };
    let customer = tx.at_param("customer", customer, "customer")?;
    let method = attach_to(tx, call.id(), &customer, "id").map_err(|refused| {
        let of_path = refused.error.get("param").and_then(Value::as_str) == Some("id");
        if of_path { refused.with_status(404) } else { refused }
    })?;
    tx.emit("payment_method.attached", &method);
    Ok(method)
}

/// Gives a payment method to a customer. No event: the caller knows its place.
///
/// # Errors
/// 402 for a card that its bank refuses to save; 400 for one that has an owner.
pub(crate) fn attach_to(tx: &mut Tx, id: &str, customer: &Value, param: &str) -> Result<Value, Refusal> {
    let mut method = match object::of_test_id(tx, id) {
        Some(made) => made,
        None => tx.at_param("payment_method", id, param)?,
    };
    let declines = value::text(&method, "_card").and_then(Card::of_name).map(|card| card.does);
    if let Some(Does::Decline(decline)) = declines {
        return Err(decline.refusal());
    }
    if value::text(&method, "customer").is_some_and(|owner| owner != value::id(customer)) {
        return Err(refusal::invalid(
            "The payment method you provided has already been attached to a customer.",
        )
        .with_code("payment_method_unexpected_state"));
    }
    if method["_unverified"] == true {
        return Err(refusal::invalid(
            "The bank account of this PaymentMethod is not verified. Set it up with a SetupIntent or pay with it first.",
        )
        .with_code("bank_account_unverified")
        .with_param(param));
    }
    value::set(&mut method, "customer", value::id(customer));
    tx.put(method.clone());
    Ok(method)
}
