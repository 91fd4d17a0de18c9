//! `POST /v1/payment_methods`: a card from a test token or a published test number, a
//! test bank account, or a bank transfer. Any other number is refused: real ones have no
//! business here.

use serde_json::{Map, Value, json};

use super::{
    Bank, Card,
    banks::{BANKS, ROUTING_NUMBER},
    cards::CARDS,
    object::{from_bank, from_card, of_kind},
    update,
};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// What of the parameters is a hash and heeded.
const HASHES: &[&str] =
    &["billing_details", "card", "customer_balance", "metadata", "sepa_debit", "us_bank_account"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    from_data(tx, &call.params, "")
}

/// A payment method of these parameters, stored. `within` is the parameter that holds
/// them, as in `payment_method_data`; empty for a request of its own.
///
/// # Errors
/// No type, one that is not here, or an account that is none of Stripe's for tests.
pub(crate) fn from_data(tx: &mut Tx, params: &Map<String, Value>, within: &str) -> Result<Value, Refusal> {
    let named = |name: &str| if within.is_empty() { name.to_owned() } else { format!("{within}[{name}]") };
    // A hash of a kind that is not here is refused by its own name.
    if let Some(other) = params.iter().find(|(name, of)| of.is_object() && !HASHES.contains(&name.as_str())) {
        let param = named(other.0);
        return Err(refusal::not_here(&format!("the parameter `{param}`")).with_param(&param));
    }
    let Some(kind) = params.get("type").and_then(Value::as_str) else {
        return Err(missing(&named("type")));
    };
    let given = params.get(kind).unwrap_or(&Value::Null);
    let mut method = match kind {
        "card" => {
            let mut method = from_card(tx, card(given)?);
            if value::text(given, "number").is_some() {
                let expiry = json!({"exp_month": given["exp_month"], "exp_year": given["exp_year"]});
                update::expiry(tx, &mut method, &expiry)?;
            }
            method
        }
        "us_bank_account" => us_bank_account(tx, given, &named(kind))?,
        "sepa_debit" => from_bank(tx, iban(given, &named(kind))?, true),
        "customer_balance" => of_kind(tx, kind),
        other => {
            let refused = refusal::not_here(&format!("payment methods of type {other}"));
            return Err(refused.with_param(&named("type")));
        }
    };
    update::fill(&mut method, params);
    tx.put(method.clone());
    Ok(method)
}

fn missing(param: &str) -> Refusal {
    refusal::invalid(format!("Missing required param: {param}."))
        .with_code("parameter_missing")
        .with_param(param)
}

/// An account whose owner has not proved that it is his.
fn us_bank_account(tx: &mut Tx, given: &Value, param: &str) -> Result<Value, Refusal> {
    if given.get("financial_connections_account").is_some() {
        let param = format!("{param}[financial_connections_account]");
        return Err(refusal::not_here(&format!("the parameter `{param}`")).with_param(&param));
    }
    let number = value::text(given, "account_number");
    let number = number.ok_or_else(|| missing(&format!("{param}[account_number]")))?;
    if value::text(given, "routing_number").is_some_and(|routing| routing != ROUTING_NUMBER) {
        return Err(refusal::invalid(format!("Invalid routing number. In test mode use {ROUTING_NUMBER}."))
            .with_code("routing_number_invalid")
            .with_param(&format!("{param}[routing_number]")));
    }
    let bank = Bank::of_number("us_bank_account", number)
        .ok_or_else(|| no_test_number("account_number_invalid", &format!("{param}[account_number]"), 0))?;
    let mut method = from_bank(tx, bank, false);
    if let Some(given) = given.as_object() {
        value::assign(&mut method["us_bank_account"], given, &["account_holder_type", "account_type"]);
    }
    Ok(method)
}

fn iban(given: &Value, param: &str) -> Result<&'static Bank, Refusal> {
    let param = format!("{param}[iban]");
    let number = value::text(given, "iban").ok_or_else(|| missing(&param))?;
    let sepa = BANKS.iter().position(|bank| bank.kind == "sepa_debit").unwrap_or_default();
    Bank::of_number("sepa_debit", number)
        .ok_or_else(|| no_test_number("account_number_invalid", &param, sepa))
}

fn no_test_number(code: &str, param: &str, use_instead: usize) -> Refusal {
    refusal::invalid(format!(
        "This is none of Stripe's test account numbers. Nothing was kept. Use one, such as {}.",
        BANKS[use_instead].number
    ))
    .with_code(code)
    .with_param(param)
}

fn card(given: &Value) -> Result<&'static Card, Refusal> {
    if let Some(token) = value::text(given, "token") {
        let known = token.starts_with("tok_").then(|| Card::of_id(token)).flatten();
        return known.ok_or_else(|| refusal::missing("token", token, "card[token]"));
    }
    let number = value::text(given, "number").ok_or_else(|| {
        refusal::invalid("Missing required param: card.").with_code("parameter_missing").with_param("card")
    })?;
    Card::of_number(number).ok_or_else(|| {
        refusal::invalid(format!(
            "This card number is none of Stripe's test numbers, and sending real numbers is generally unsafe. Nothing was kept. Use a token such as tok_{}.",
            CARDS[0].name
        ))
        .with_status(402)
        .with_param("card[number]")
    })
}
