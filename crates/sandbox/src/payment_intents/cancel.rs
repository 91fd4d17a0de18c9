//! `POST /v1/payment_intents/{intent}/cancel`: for good. Money that was held goes back
//! as a refund of its charge, what a transfer had paid to the cash balance; a debit that
//! its bank has not answered fails.

use serde_json::Value;

use super::state::{self, CANCELABLE};
use crate::{
    customers::cash,
    payments,
    refunds::{self, Released},
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("payment_intent", call.id())?;
    state::only_in(tx, &intent, CANCELABLE, "cannot be canceled", "canceled")?;
    if let Some(invoice) = value::text(&intent, "_invoice") {
        return Err(refusal::invalid(format!(
            "This PaymentIntent belongs to the invoice {invoice} and is canceled with it. Void the invoice instead."
        )));
    }
    let before = value::text(&intent, "status").unwrap_or_default().to_owned();
    value::set(&mut intent, "status", "canceled");
    value::set(&mut intent, "amount_capturable", 0);
    value::set(&mut intent, "canceled_at", tx.now());
    value::set(&mut intent, "cancellation_reason", value::or_null(call.text("cancellation_reason")));
    value::set(&mut intent, "next_action", Value::Null);
    tx.put(intent.clone());
    let charge = value::text(&intent, "latest_charge").and_then(|id| tx.find("charge", id)).cloned();
    match (before.as_str(), charge) {
        ("requires_capture", Some(charge)) => refunds::release(tx, &charge, Released::Canceled),
        ("processing", Some(charge)) => payments::stop(tx, charge),
        _ => {}
    }
    if value::int(&intent, "_funded") > 0 {
        cash::unapply(tx, &intent);
    }
    tx.emit("payment_intent.canceled", &intent);
    Ok(intent)
}
