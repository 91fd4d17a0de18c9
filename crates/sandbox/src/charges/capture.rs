//! `POST /v1/charges/{charge}/capture`: only for charges without a payment intent,
//! which this sandbox does not make; so it always refuses, and says what to call.

use serde_json::Value;

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let charge = tx.at_path("charge", call.id())?;
    if charge["captured"] == true {
        return Err(refusal::invalid(format!("Charge {} has already been captured.", call.id()))
            .with_code("charge_already_captured"));
    }
    let intent = value::text(&charge, "payment_intent").unwrap_or_default();
    Err(refusal::invalid(format!(
        "This charge belongs to the PaymentIntent {intent}. Capture that one: POST /v1/payment_intents/{intent}/capture."
    )))
}
