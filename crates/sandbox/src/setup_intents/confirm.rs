//! `POST /v1/setup_intents/{intent}/confirm`: an attempt at the payment method.

use serde_json::Value;

use super::{
    object, outcome, params,
    state::{self, UNCONFIRMED},
};
use crate::{
    payment_intents, payment_methods,
    payment_methods::cards::Does,
    payments,
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("setup_intent", call.id())?;
    if intent["status"] == "succeeded" {
        let message = "You cannot confirm this SetupIntent because it has already succeeded after being previously confirmed.";
        return Err(state::unexpected(tx, &intent, message));
    }
    state::only_in(tx, &intent, UNCONFIRMED, "confirm")?;
    params::fill(tx, &mut intent, call)?;
    attempt(tx, intent, call)
}

/// Tries the intent's payment method.
///
/// # Errors
/// 402 for a refusal, which leaves the intent and the attempt.
pub(super) fn attempt(tx: &mut Tx, mut intent: Value, call: &Call) -> Result<Value, Refusal> {
    let method = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let Some(method) = method else {
        let message = "You cannot confirm this SetupIntent because it's missing a payment method. Update it with a payment method first, or give `payment_method` with the confirmation.";
        return Err(state::unexpected(tx, &intent, message));
    };
    payment_intents::check_method(&intent, &method)?;
    let attempt = object::attempt(tx, &intent, &method);
    value::set(&mut intent, "latest_attempt", attempt["id"].clone());
    if payments::bank(&method).is_some() {
        if method["_unverified"] == true {
            let action = payments::proof(tx, &intent);
            return Ok(outcome::waits(tx, intent, attempt, action));
        }
        return outcome::set_up(tx, intent, attempt, &method);
    }
    let asks = value::text(&intent["payment_method_options"]["card"], "request_three_d_secure");
    match payments::does(&method) {
        Does::Decline(decline) => Err(outcome::failed(tx, intent, attempt, &method, decline.refusal())),
        Does::Pay | Does::PayAtRisk | Does::DeclineLater(_) if !matches!(asks, Some("any" | "challenge")) => {
            outcome::set_up(tx, intent, attempt, &method)
        }
        _ => {
            let action = payments::authentication(tx, &intent, call.text("return_url"));
            Ok(outcome::waits(tx, intent, attempt, action))
        }
    }
}
