//! `POST /v1/payment_methods/{payment_method}`.

use serde_json::{Map, Value};

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("payment_method", call.id())?;
    if before["customer"].is_null() {
        return Err(refusal::invalid(
            "You must save this PaymentMethod to a customer before you can update it.",
        ));
    }
    let mut after = before.clone();
    if let Some(card) = call.params.get("card") {
        if card.get("networks").is_some() {
            return Err(refusal::not_here("the parameter `card[networks]`").with_param("card[networks]"));
        }
        expiry(tx, &mut after, card)?;
    }
    if let (Some(Value::Object(given)), true) =
        (call.params.get("us_bank_account"), after["us_bank_account"].is_object())
    {
        value::assign(&mut after["us_bank_account"], given, &["account_holder_type", "account_type"]);
    }
    fill(&mut after, &call.params);
    tx.change("payment_method.updated", &before, after.clone());
    Ok(after)
}

/// What create and update both write.
pub(super) fn fill(method: &mut Value, params: &Map<String, Value>) {
    value::merge_metadata(method, params);
    value::assign(method, params, &["allow_redisplay"]);
    let Some(Value::Object(given)) = params.get("billing_details") else { return };
    let mut details = method["billing_details"].clone();
    value::assign(&mut details, given, &["email", "name", "phone", "tax_id"]);
    if let Some(address) = given.get("address") {
        value::set(&mut details, "address", value::address(address));
    }
    value::set(method, "billing_details", details);
}

/// Writes a card's expiry; what is not given stays.
pub(super) fn expiry(tx: &Tx, method: &mut Value, given: &Value) -> Result<(), Refusal> {
    let mut card = method["card"].clone();
    for (field, low, high) in [("exp_month", 1, 12), ("exp_year", 1970 + tx.now() / 31_556_952, 2099)] {
        let Some(number) = given.get(field).and_then(Value::as_i64) else { continue };
        if !(low..=high).contains(&number) {
            let name = if field == "exp_month" { "month" } else { "year" };
            return Err(refusal::card(
                &format!("Your card's expiration {name} is invalid."),
                &format!("invalid_expiry_{name}"),
            )
            .with_param(field));
        }
        value::set(&mut card, field, number);
    }
    value::set(method, "card", card);
    Ok(())
}
