//! `POST /v1/payment_intents/{intent}/capture`: takes what was held, or a part of it;
//! the rest is released for good.

use serde_json::{Value, json};

use super::{
    params,
    state::{self, CAPTURABLE},
};
use crate::{
    balance, money, payment_methods, payments,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("payment_intent", call.id())?;
    state::only_in(tx, &intent, CAPTURABLE, "could not be captured", "captured")?;
    if call.flag("final_capture") == Some(false) {
        return Err(refusal::invalid(
            "final_capture=false needs a card and an account with multicapture, which this one has not.",
        )
        .with_param("final_capture"));
    }
    let held = value::int(&intent, "amount_capturable");
    let amount = amount(call, &intent, held)?;
    params::fill(tx, &mut intent, call)?;
    let charge = value::text(&intent, "latest_charge").unwrap_or_default().to_owned();
    let mut charge = tx.at_param("charge", &charge, "latest_charge")?;
    value::set(&mut charge, "captured", true);
    value::set(&mut charge, "amount_captured", amount);
    value::set(&mut charge, "amount_refunded", held - amount);
    for field in ["statement_descriptor", "statement_descriptor_suffix"] {
        value::set(&mut charge, field, intent[field].clone());
    }
    balance::land(tx, &mut charge);
    value::set(&mut intent, "status", "succeeded");
    value::set(&mut intent, "amount_capturable", 0);
    value::set(&mut intent, "amount_received", json!(amount));
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.captured", &charge);
    tx.emit("payment_intent.succeeded", &intent);
    if let Some(method) = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id))
    {
        payments::complain(tx, &charge, &method);
    }
    Ok(intent)
}

/// How much is taken: all that is held unless told otherwise.
fn amount(call: &Call, intent: &Value, held: i64) -> Result<i64, Refusal> {
    const PARAM: &str = "amount_to_capture";
    let Some(given) = call.params.get(PARAM) else { return Ok(held) };
    let currency = value::text(intent, "currency").unwrap_or_default();
    let amount = money::chargeable(given, currency, PARAM)?;
    if amount > held {
        return Err(refusal::invalid(format!(
            "The requested capture amount ({}) is greater than the authorized amount ({}).",
            money::shown(amount, currency),
            money::shown(held, currency)
        ))
        .with_code("amount_too_large")
        .with_param(PARAM));
    }
    Ok(amount)
}
