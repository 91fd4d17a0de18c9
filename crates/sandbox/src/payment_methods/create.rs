//! `POST /v1/payment_methods`: a card from a test token, or from a published test
//! number. Any other number is refused: real cards have no business here.

use serde_json::{Value, json};

use super::{Card, cards::CARDS, object::from_card, update};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    match call.text("type") {
        Some("card") => {}
        Some(other) => {
            return Err(refusal::not_here(&format!("payment methods of type {other}")).with_param("type"));
        }
        None => {
            return Err(refusal::invalid("Missing required param: type.")
                .with_code("parameter_missing")
                .with_param("type"));
        }
    }
    let given = call.params.get("card").unwrap_or(&Value::Null);
    let card = card(given)?;
    let mut method = from_card(tx, card);
    if value::text(given, "number").is_some() {
        let expiry = json!({"exp_month": given["exp_month"], "exp_year": given["exp_year"]});
        update::expiry(tx, &mut method, &expiry)?;
    }
    update::fill(&mut method, call);
    tx.put(method.clone());
    Ok(method)
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
