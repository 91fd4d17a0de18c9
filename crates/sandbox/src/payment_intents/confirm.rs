//! `POST /v1/payment_intents/{intent}/confirm`: an attempt at the payment method. An
//! intent of an invoice pays the invoice with it.

use serde_json::Value;

use super::{
    methods, params,
    state::{self, UNCONFIRMED},
};
use crate::{
    invoices, payment_methods,
    payments::{self, Terms, Tried},
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("payment_intent", call.id())?;
    if intent["status"] == "succeeded" {
        let message = "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.";
        return Err(state::unexpected(tx, &intent, message));
    }
    state::only_in(tx, &intent, UNCONFIRMED, "cannot be confirmed", "confirmed")?;
    params::fill(tx, &mut intent, call)?;
    if let Some(method) = methods::named(tx, &intent, call)? {
        value::set(&mut intent, "payment_method", method["id"].clone());
    }
    attempt(tx, intent, call)
}

/// Tries the intent's payment method.
///
/// # Errors
/// 402 for a refusal, which leaves the intent and the attempt.
pub(super) fn attempt(tx: &mut Tx, intent: Value, call: &Call) -> Result<Value, Refusal> {
    let method = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let Some(method) = method else {
        let message = "You cannot confirm this PaymentIntent because it's missing a payment method. Update it with a payment method first, or give `payment_method` with the confirmation.";
        return Err(state::unexpected(tx, &intent, message));
    };
    methods::check_method(&intent, &method)?;
    let terms = Terms {
        off_session: call.params.get("off_session").is_some_and(|given| *given != false),
        refuses_action: call.flag("error_on_requires_action") == Some(true),
        return_url: call.text("return_url"),
    };
    let id = value::id(&intent).to_owned();
    let tried = payments::try_method(tx, intent, &method, terms);
    invoices::intent_tried(tx, &id, &tried, true);
    match tried {
        Tried::Paid(intent) | Tried::Processing(intent) | Tried::NeedsAction(intent) => Ok(intent),
        Tried::Failed(refused) => Err(refused),
    }
}
