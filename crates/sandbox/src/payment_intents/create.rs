//! `POST /v1/payment_intents`, with `confirm=true` the first attempt in one.

use serde_json::Value;

use super::{confirm, methods, params};
use crate::{
    currency, money, payments,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// What only a confirmation can mean.
const ONLY_CONFIRMING: &[&str] = &["error_on_requires_action", "mandate_data", "off_session", "return_url"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let billed_in = currency::parse(call.text("currency").unwrap_or_default())?;
    let given = call.params.get("amount").unwrap_or(&Value::Null);
    let amount = money::chargeable(given, &billed_in, "amount")?;
    let confirms = call.flag("confirm") == Some(true);
    if let Some(name) = ONLY_CONFIRMING.iter().find(|name| !confirms && call.has(name)) {
        return Err(refusal::invalid(format!("{name} can only be given together with confirm=true."))
            .with_param(name));
    }
    let mut intent = payments::fresh(tx, amount, &billed_in);
    value::set(&mut intent, "capture_method", "automatic_async");
    let automatic = params::automatic(call.params.get("automatic_payment_methods"));
    value::set(&mut intent, "automatic_payment_methods", automatic);
    params::fill(tx, &mut intent, call)?;
    if let Some(method) = methods::named(tx, &intent, call)? {
        methods::check_method(&intent, &method)?;
        value::set(&mut intent, "payment_method", method["id"].clone());
        value::set(&mut intent, "status", "requires_confirmation");
    } else if confirms {
        return Err(refusal::invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. Give `payment_method` together with confirm=true.",
        )
        .with_code("parameter_missing")
        .with_param("payment_method"));
    }
    tx.put(intent.clone());
    tx.emit("payment_intent.created", &intent);
    if confirms { confirm::attempt(tx, intent, call) } else { Ok(intent) }
}
