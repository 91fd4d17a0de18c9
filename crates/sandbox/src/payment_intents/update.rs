//! `POST /v1/payment_intents/{intent}`: everything before it is confirmed, and only
//! what moves no money afterwards. No event tells of it.

use serde_json::Value;

use super::{
    methods, params,
    state::{self, UNCONFIRMED},
};
use crate::{
    currency, money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// What can be changed in any status.
const ALWAYS: &[&str] = &["description", "expand", "metadata", "receipt_email", "shipping", "transfer_group"];
/// What the invoice of an intent decides.
const OF_INVOICE: &[&str] = &["amount", "capture_method", "currency", "customer"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut intent = tx.at_path("payment_intent", call.id())?;
    if let Some(fixed) = call.params.keys().find(|name| !ALWAYS.contains(&name.as_str())) {
        let what = format!("could not be updated in its {fixed}");
        state::only_in(tx, &intent, UNCONFIRMED, &what, "updated in this way")?;
    }
    let of_invoice = call.params.keys().find(|name| OF_INVOICE.contains(&name.as_str()));
    if let (Some(name), Some(invoice)) = (of_invoice, value::text(&intent, "_invoice")) {
        return Err(refusal::invalid(format!(
            "This PaymentIntent belongs to the invoice {invoice}, which decides its {name}."
        ))
        .with_param(name));
    }
    price(&mut intent, call)?;
    params::fill(tx, &mut intent, call)?;
    if let Some(method) = methods::named(tx, &intent, call)? {
        methods::check_method(&intent, &method)?;
        value::set(&mut intent, "payment_method", method["id"].clone());
    }
    let changes_payment =
        ["amount", "currency", "payment_method", "payment_method_data"].iter().any(|name| call.has(name));
    if changes_payment && !intent["payment_method"].is_null() {
        value::set(&mut intent, "status", "requires_confirmation");
        value::set(&mut intent, "next_action", Value::Null);
    }
    tx.put(intent.clone());
    Ok(intent)
}

/// Writes amount and currency, each checked against the other.
fn price(intent: &mut Value, call: &Call) -> Result<(), Refusal> {
    if !call.has("amount") && !call.has("currency") {
        return Ok(());
    }
    let billed_in = match call.text("currency") {
        Some(text) => currency::parse(text)?,
        None => value::text(intent, "currency").unwrap_or_default().to_owned(),
    };
    let amount =
        money::chargeable(call.params.get("amount").unwrap_or(&intent["amount"]), &billed_in, "amount")?;
    value::set(intent, "amount", amount);
    value::set(intent, "currency", billed_in);
    Ok(())
}
