//! `POST /v1/charges`: the older way, one attempt at a card and no payment intent.
//!
//! A card that has to be authenticated cannot be: nobody can ask the customer.

use serde_json::Value;

use super::update;
use crate::{
    balance, currency, money,
    payment_methods::{
        self, Card,
        cards::{Decline, Does},
        sources,
    },
    payments::{self, charge},
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

const ASKS: Decline = Decline {
    code: "authentication_required",
    decline_code: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
    param: None,
    advice: None,
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let currency = currency::parse(call.text("currency").ok_or_else(|| missing("currency"))?)?;
    let given = call.params.get("amount").ok_or_else(|| missing("amount"))?;
    let amount = money::chargeable(given, &currency, "amount")?;
    let source = source(tx, call)?;
    let method = sources::as_method(&source);
    let captures = call.flag("capture") != Some(false);
    let mut asked = payments::fresh(tx, amount, &currency);
    value::set(&mut asked, "id", Value::Null);
    value::set(&mut asked, "customer", value::or_null(call.text("customer")));
    value::set(&mut asked, "capture_method", if captures { "automatic" } else { "manual" });
    let decline = match payments::does(&method) {
        Does::Pay | Does::PayAtRisk => None,
        Does::Decline(decline) | Does::DeclineLater(decline) => Some(decline),
        _ => Some(ASKS),
    };
    let mut made = match &decline {
        Some(decline) => charge::failed(tx, &asked, &method, decline),
        None => charge::authorized(tx, &asked, &method, "normal", false),
    };
    value::set(&mut made, "source", value::public(&source));
    update::note(&mut made, call)?;
    if let Some(decline) = decline {
        tx.put(made.clone());
        tx.emit("charge.failed", &made);
        return Err(decline.refusal().with("charge", made["id"].clone()).leaving());
    }
    if captures {
        value::set(&mut made, "captured", true);
        value::set(&mut made, "amount_captured", amount);
        balance::land(tx, &mut made);
    } else {
        let until = tx.now() + charge::HELD_S;
        made["payment_method_details"]["card"]["capture_before"] = until.into();
        value::set(&mut made, "_held_until", until);
    }
    tx.put(made.clone());
    tx.emit("charge.succeeded", &made);
    if captures {
        payments::complain(tx, &made, &method);
        made = tx.get(value::id(&made)).cloned().unwrap_or(made);
    }
    Ok(made)
}

fn missing(param: &str) -> Refusal {
    refusal::invalid(format!("Missing required param: {param}."))
        .with_code("parameter_missing")
        .with_param(param)
}

/// The card: of a token, once, or one of the customer's, else his default.
fn source(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = match call.text("customer") {
        Some(id) => Some(tx.at_param("customer", id, "customer")?),
        None => None,
    };
    let id = match (call.text("source"), &customer) {
        (Some(id), _) => id.to_owned(),
        (None, Some(customer)) => value::text(customer, "default_source")
            .map(str::to_owned)
            .ok_or_else(|| refusal::card("Cannot charge a customer that has no active card", "missing"))?,
        (None, None) => return Err(missing("source")),
    };
    if let Some(card) = Card::of_id(&id).filter(|_| id.starts_with("tok_")) {
        let made = sources::of_token(tx, card);
        tx.put(made.clone());
        return Ok(made);
    }
    let owner = customer.as_ref().map(value::id);
    let found = tx.find("card", &id).filter(|card| value::text(card, "customer") == owner);
    found.cloned().ok_or_else(|| refusal::missing("source", &id, "source"))
}

/// The payment method behind a charge, for what comes of it later.
pub(super) fn method(tx: &Tx, charge: &Value) -> Value {
    let id = value::text(charge, "payment_method").unwrap_or_default();
    payment_methods::known(tx, id).unwrap_or_default()
}
