//! `POST /v1/payment_intents/{intent}/apply_customer_balance`: pays with what is on the
//! customer's cash balance, all that is needed or a part.

use serde_json::Value;

use super::state;
use crate::{
    currency,
    customers::cash,
    invoices, money,
    payments::{self, Tried},
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let intent = tx.at_path("payment_intent", call.id())?;
    state::only_in(tx, &intent, &["requires_action"], "cannot take a balance", "paid with a balance")?;
    if intent["next_action"]["type"] != "display_bank_transfer_instructions" {
        return Err(refusal::invalid("This PaymentIntent is not paid by bank transfer."));
    }
    let code = value::text(&intent, "currency").unwrap_or_default().to_owned();
    if let Some(given) = call.text("currency").map(currency::parse).transpose()?
        && given != code
    {
        return Err(
            refusal::invalid(format!("The currency of this PaymentIntent is {code}.")).with_param("currency")
        );
    }
    let customer = value::text(&intent, "customer").and_then(|id| tx.find("customer", id));
    let there = customer.map_or(0, |customer| cash::available(customer, &code));
    let left = value::int(&intent, "amount") - value::int(&intent, "_funded");
    let amount = match call.params.get("amount") {
        Some(given) => money::positive(given, "amount")?,
        None => left.min(there),
    };
    money::payable(amount, &code, "amount")?;
    if amount > left || amount > there || amount == 0 {
        return Err(refusal::invalid(format!(
            "The amount ({}) must be positive, and at most what is left to pay ({}) and what is on the cash balance ({}).",
            money::shown(amount, &code),
            money::shown(left, &code),
            money::shown(there, &code)
        ))
        .with_param("amount"));
    }
    let intent = payments::apply(tx, intent, amount);
    if intent["status"] == "succeeded" {
        invoices::intent_tried(tx, call.id(), &Tried::Paid(intent.clone()), false);
    }
    Ok(intent)
}
