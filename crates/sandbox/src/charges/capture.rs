//! `POST /v1/charges/{charge}/capture`: takes what was held of a charge without a payment
//! intent, or a part of it; the rest is released for good. One with a payment intent is
//! captured by that.

use serde_json::Value;

use super::{create, update};
use crate::{
    balance, money, payments,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut charge = tx.at_path("charge", call.id())?;
    if charge["captured"] == true {
        return Err(refusal::invalid(format!("Charge {} has already been captured.", call.id()))
            .with_code("charge_already_captured"));
    }
    if let Some(intent) = value::text(&charge, "payment_intent") {
        return Err(refusal::invalid(format!(
            "This charge belongs to the PaymentIntent {intent}. Capture that one: POST /v1/payment_intents/{intent}/capture."
        )));
    }
    if charge["status"] != "succeeded" || charge["refunded"] == true {
        return Err(refusal::invalid(format!("Charge {} holds nothing that could be captured.", call.id()))
            .with_code("charge_expired_for_capture"));
    }
    let currency = value::text(&charge, "currency").unwrap_or_default().to_owned();
    let held = value::int(&charge, "amount");
    let amount = match call.params.get("amount") {
        Some(given) => money::chargeable(given, &currency, "amount")?,
        None => held,
    };
    if amount > held {
        return Err(refusal::invalid(format!(
            "The requested capture amount ({}) is greater than the authorized amount ({}).",
            money::shown(amount, &currency),
            money::shown(held, &currency)
        ))
        .with_code("amount_too_large")
        .with_param("amount"));
    }
    update::note(&mut charge, call)?;
    value::set(&mut charge, "captured", true);
    value::set(&mut charge, "amount_captured", amount);
    value::set(&mut charge, "amount_refunded", held - amount);
    value::set(&mut charge, "_held_until", Value::Null);
    balance::land(tx, &mut charge);
    tx.put(charge.clone());
    tx.emit("charge.captured", &charge);
    let method = create::method(tx, &charge);
    payments::complain(tx, &charge, &method);
    Ok(tx.get(call.id()).cloned().unwrap_or(charge))
}
