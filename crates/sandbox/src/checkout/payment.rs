//! A session of mode `payment`: one payment intent over its total.

use serde_json::{Map, Value, json};

use super::complete::{Entered, customer};
use crate::{
    invoices, payment_methods,
    payments::{self, Terms, Tried},
    state::Tx,
    value,
    wire::{Refusal, ask},
};

/// Pays, or asks the customer to authenticate.
///
/// # Errors
/// The payment method is refused; its attempt stays and the session is open.
pub(super) fn pay(tx: &mut Tx, mut session: Value, entered: &Entered) -> Result<Value, Refusal> {
    let terms = session["_payment"].clone();
    tx.put(session.clone());
    if session["customer_creation"] == "always" || terms.get("setup_future_usage").is_some() {
        customer(tx, &mut session)?;
    }
    let intent = intent(tx, &mut session, &terms)?;
    let owner = value::text(&session, "customer").map(str::to_owned);
    let method = payment_methods::for_payment(tx, &entered.payment_method, owner.as_deref())?;
    let page = format!("{}/_sandbox/checkout/{}", tx.base(), value::id(&session));
    let tried = payments::try_method(
        tx,
        intent.clone(),
        &method,
        Terms { return_url: Some(&page), ..Terms::default() },
    );
    invoices::intent_tried(tx, value::id(&intent), &tried, true);
    match tried {
        Tried::Failed(refused) => Err(refused.leaving()),
        _ => tx.at_path(super::KIND, value::id(&session)),
    }
}

/// The session's payment intent; the first attempt makes it.
fn intent(tx: &mut Tx, session: &mut Value, terms: &Value) -> Result<Value, Refusal> {
    if let Some(known) =
        value::text(session, "payment_intent").and_then(|id| tx.find("payment_intent", id)).cloned()
    {
        return Ok(known);
    }
    let mut params: Map<String, Value> = terms.as_object().cloned().unwrap_or_default();
    params.insert("amount".into(), session["amount_total"].clone());
    params.insert("currency".into(), session["currency"].clone());
    if let Some(customer) = value::text(session, "customer") {
        params.insert("customer".into(), json!(customer));
    }
    let made = ask(tx, "paymentIntents.create", &[], params)?;
    let mut made = tx.at_path("payment_intent", value::id(&made))?;
    value::set(&mut made, "_checkout", value::id(session));
    value::set(&mut made, "payment_method_types", session["payment_method_types"].clone());
    tx.put(made.clone());
    value::set(session, "payment_intent", value::id(&made));
    tx.put(session.clone());
    Ok(made)
}
