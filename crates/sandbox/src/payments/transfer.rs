//! Paying by bank transfer: money that a customer sent waits on his cash balance and is
//! applied to what he has to pay (Stripe's docs, Bank transfers).

use serde_json::{Value, json};

use super::{
    charge, debit,
    outcome::{Tried, failed},
};
use crate::{customers::cash, payment_methods, state::Tx, value, wire::refusal};

/// Pays what the cash balance covers, or says where to send the money.
pub(super) fn pay(tx: &mut Tx, mut intent: Value, method: &Value) -> Tried {
    let customer = value::text(&intent, "customer").and_then(|id| tx.find("customer", id)).cloned();
    let Some(customer) = customer else {
        return Tried::Failed(
            refusal::invalid("A payment with `customer_balance` needs a customer, whose balance it is.")
                .with_code("parameter_missing")
                .with_param("customer"),
        );
    };
    let currency = value::text(&intent, "currency").unwrap_or_default();
    if cash::available(&customer, currency) >= remaining(&intent) {
        let left = remaining(&intent);
        return Tried::Paid(apply(tx, intent, left));
    }
    if value::text(&intent["payment_method_options"]["customer_balance"], "funding_type").is_none() {
        let refused = refusal::invalid("The customer's cash balance does not cover this payment.")
            .with_code("payment_method_customer_decline");
        return Tried::Failed(failed(tx, intent, method, refused, None));
    }
    let action = instructions(tx, &intent);
    value::set(&mut intent, "status", "requires_action");
    value::set(&mut intent, "next_action", action);
    tx.put(intent.clone());
    tx.emit("payment_intent.requires_action", &intent);
    Tried::NeedsAction(intent)
}

fn remaining(intent: &Value) -> i64 {
    value::int(intent, "amount") - value::int(intent, "_funded")
}

/// Where to send what is still to be paid.
fn instructions(tx: &Tx, intent: &Value) -> Value {
    let currency = value::text(intent, "currency").unwrap_or_default();
    let reference: String = value::id(intent).chars().rev().take(12).collect::<String>().to_uppercase();
    let url = format!("{}/_sandbox/payment_intents/{}/instructions", tx.base(), value::id(intent));
    let how = json!({
        "amount_remaining": remaining(intent),
        "currency": currency,
        "hosted_instructions_url": url,
        "reference": reference,
        "type": cash::way(currency),
    });
    json!({"type": "display_bank_transfer_instructions", "display_bank_transfer_instructions": how})
}

/// Applies a part of the customer's cash balance, which has it. Returns the intent: paid,
/// or waiting for the rest.
pub(crate) fn apply(tx: &mut Tx, mut intent: Value, amount: i64) -> Value {
    cash::take(tx, &intent, amount);
    let funded = value::int(&intent, "_funded") + amount;
    value::set(&mut intent, "_funded", funded);
    if remaining(&intent) > 0 {
        let action = instructions(tx, &intent);
        value::set(&mut intent, "next_action", action);
        tx.put(intent.clone());
        tx.emit("payment_intent.partially_funded", &intent);
        return intent;
    }
    let method = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let charge = charge::pending(tx, &intent, &method.unwrap_or_default());
    value::set(&mut intent, "latest_charge", charge["id"].clone());
    value::set(&mut intent, "last_payment_error", Value::Null);
    debit::arrived(tx, intent, charge)
}

/// Applies money that arrived to what the customer has to pay by transfer, oldest first.
/// Returns the intents that are paid with it.
pub(crate) fn funds_arrived(tx: &mut Tx, customer: &str, currency: &str) -> Vec<String> {
    let mut paid = Vec::new();
    for intent in tx.pointing_at("payment_intent", customer) {
        let waits = intent["status"] == "requires_action"
            && intent["next_action"]["type"] == "display_bank_transfer_instructions"
            && intent["currency"] == currency;
        let available = tx.find("customer", customer).map_or(0, |owner| cash::available(owner, currency));
        let amount = available.min(remaining(&intent));
        if !waits || amount <= 0 {
            continue;
        }
        let id = value::id(&intent).to_owned();
        if apply(tx, intent, amount)["status"] == "succeeded" {
            paid.push(id);
        }
    }
    paid
}
