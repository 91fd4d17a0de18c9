//! `POST /v1/setup_intents`, with `confirm=true` the first attempt in one.

use serde_json::Value;

use super::{confirm, object, params};
use crate::{
    payment_intents,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// What only a confirmation can mean.
const ONLY_CONFIRMING: &[&str] = &["mandate_data", "return_url"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let confirms = call.flag("confirm") == Some(true);
    if let Some(name) = ONLY_CONFIRMING.iter().find(|name| !confirms && call.has(name)) {
        return Err(refusal::invalid(format!("{name} can only be given together with confirm=true."))
            .with_param(name));
    }
    let mut intent = object::fresh(tx);
    let automatic = payment_intents::automatic(call.params.get("automatic_payment_methods"));
    value::set(&mut intent, "automatic_payment_methods", automatic);
    params::fill(tx, &mut intent, call)?;
    if confirms && intent["payment_method"].is_null() {
        return Err(refusal::invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method. Give `payment_method` together with confirm=true.",
        )
        .with_code("parameter_missing")
        .with_param("payment_method"));
    }
    tx.put(intent.clone());
    tx.emit("setup_intent.created", &intent);
    if confirms { confirm::attempt(tx, intent, call) } else { Ok(intent) }
}
