//! `POST /v1/payment_intents/{intent}/increment_authorization`: holds more, of a card
//! that allows it and was asked for it when it was confirmed.

use serde_json::{Value, json};

use super::{
    params,
    state::{self, CAPTURABLE},
};
use crate::{
    money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// How often (Stripe's docs, Incremental authorizations).
const TIMES_MAX: i64 = 10;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("payment_intent", call.id())?;
    state::only_in(tx, &intent, CAPTURABLE, "could not be incremented", "incremented")?;
    let currency = value::text(&intent, "currency").unwrap_or_default();
    let given = call.params.get("amount").unwrap_or(&Value::Null);
    let amount = money::chargeable(given, currency, "amount")?;
    if amount <= value::int(&intent, "amount") {
        return Err(refusal::invalid(format!(
            "The amount ({}) must be greater than the one that is authorized ({}).",
            money::shown(amount, currency),
            money::shown(value::int(&intent, "amount"), currency)
        ))
        .with_code("amount_too_small")
        .with_param("amount"));
    }
    let charge = value::text(&intent, "latest_charge").unwrap_or_default().to_owned();
    let mut charge = tx.at_param("charge", &charge, "latest_charge")?;
    let times = value::int(&intent, "_increments");
    allowed(&charge, times)?;
    params::fill(tx, &mut intent, call)?;
    value::set(&mut intent, "amount", amount);
    value::set(&mut intent, "amount_capturable", amount);
    value::set(&mut intent, "_increments", times + 1);
    value::set(&mut charge, "amount", amount);
    charge["payment_method_details"]["card"]["amount_authorized"] = json!(amount);
    charge["payment_method_details"]["card"]["overcapture"]["maximum_amount_capturable"] = json!(amount);
    tx.put(charge);
    tx.put(intent.clone());
    tx.emit("payment_intent.amount_capturable_updated", &intent);
    Ok(intent)
}

fn allowed(charge: &Value, times: i64) -> Result<(), Refusal> {
    if charge["payment_method_details"]["card"]["incremental_authorization"]["status"] != "available" {
        return Err(refusal::invalid(
            "This PaymentIntent cannot be incremented: confirm it with payment_method_options[card][request_incremental_authorization]=if_available.",
        ));
    }
    if times >= TIMES_MAX {
        return Err(refusal::invalid(format!(
            "This PaymentIntent has been incremented {TIMES_MAX} times, which is the most."
        )));
    }
    Ok(())
}
