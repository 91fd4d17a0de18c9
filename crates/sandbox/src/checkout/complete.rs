//! The customer completes a session: what it was for happens, and then it is told of.

use serde_json::{Map, Value, json};

use super::{KIND, payment, subscription};
use crate::{
    payments::Tried,
    state::Tx,
    value,
    wire::{Refusal, ask, refusal},
};

/// What a customer enters on the page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entered {
    /// A test card or a payment method that there is.
    pub(crate) payment_method: String,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
}

/// Completes a session as its customer. Answers it as it is then: still open when the
/// customer has to authenticate first.
///
/// # Errors
/// Unknown or not open, or the payment method is refused, which leaves the session open.
pub(crate) fn complete(tx: &mut Tx, id: &str, entered: &Entered) -> Result<Value, Refusal> {
    let session = tx.at_path(KIND, id)?;
    if session["status"] != "open" {
        return Err(refusal::invalid(format!(
            "This Checkout Session is {}; only an open one can be completed. Nothing was changed.",
            value::text(&session, "status").unwrap_or_default()
        )));
    }
    let session = known(session, entered);
    match value::text(&session, "mode") {
        Some("setup") => keep(tx, session, entered),
        Some("subscription") => subscription::subscribe(tx, session, entered),
        _ => payment::pay(tx, session, entered),
    }
}

/// Writes who the customer says to be.
fn known(mut session: Value, entered: &Entered) -> Value {
    if session["customer_details"].is_null() {
        session["customer_details"] = json!({
            "address": null, "business_name": null, "email": null, "individual_name": null, "name": null,
            "phone": null, "tax_exempt": "none", "tax_ids": [],
        });
    }
    for (field, given) in [("email", &entered.email), ("name", &entered.name)] {
        if let Some(text) = given.as_ref().filter(|text| !text.is_empty()) {
            session["customer_details"][field] = json!(text);
        }
    }
    session
}

/// The session's customer; one is made where there is none.
///
/// # Errors
/// An e-mail address that is none.
pub(super) fn customer(tx: &mut Tx, session: &mut Value) -> Result<String, Refusal> {
    if let Some(id) = value::text(session, "customer") {
        return Ok(id.to_owned());
    }
    let mut params = Map::new();
    for field in ["email", "name"] {
        if let Some(text) = value::text(&session["customer_details"], field) {
            params.insert(field.into(), json!(text));
        }
    }
    let made = ask(tx, "customers.create", &[], params)?;
    value::set(session, "customer", value::id(&made));
    Ok(value::id(&made).to_owned())
}

/// Keeps a payment method.
fn keep(tx: &mut Tx, mut session: Value, entered: &Entered) -> Result<Value, Refusal> {
    let intent = value::text(&session, "setup_intent").unwrap_or_default().to_owned();
    if session["customer_creation"] == "always" {
        let customer = customer(tx, &mut session)?;
        let params = Map::from_iter([("customer".to_owned(), json!(customer))]);
        ask(tx, "setupIntents.update", &[&intent], params)?;
    }
    let page = format!("{}/_sandbox/checkout/{}", tx.base(), value::id(&session));
    let id = value::id(&session).to_owned();
    tx.put(session);
    let params = Map::from_iter([
        ("payment_method".to_owned(), json!(entered.payment_method)),
        ("return_url".to_owned(), json!(page)),
    ]);
    ask(tx, "setupIntents.confirm", &[&intent], params)?;
    tx.at_path(KIND, &id)
}

/// A setup intent has succeeded: the session that it was made by, if it was, is complete.
pub(crate) fn set_up(tx: &mut Tx, intent: &Value) {
    let of = value::text(intent, "_checkout").and_then(|id| tx.find(KIND, id)).cloned();
    if let Some(session) = of.filter(|session| session["status"] == "open") {
        done(tx, session, "no_payment_required");
    }
}

/// The session is complete, and says so.
pub(super) fn done(tx: &mut Tx, mut session: Value, payment_status: &str) -> Value {
    value::set(&mut session, "status", "complete");
    value::set(&mut session, "payment_status", payment_status);
    value::set(&mut session, "url", Value::Null);
    tx.put(session.clone());
    tx.emit("checkout.session.completed", &session);
    session
}

/// What came of a payment intent, for the session that it was made by, if it was.
pub(crate) fn intent_tried(tx: &mut Tx, intent: &str, tried: &Tried) {
    let of = tx.get(intent).and_then(|intent| value::text(intent, "_checkout")).map(str::to_owned);
    let Some(session) = of.and_then(|id| tx.find(KIND, &id)).cloned() else { return };
    let open = session["status"] == "open";
    match tried {
        Tried::Paid(_) if open => drop(done(tx, session, "paid")),
        Tried::Processing(_) if open => drop(done(tx, session, "unpaid")),
        Tried::Paid(_) if session["payment_status"] == "unpaid" => {
            let mut paid = session;
            value::set(&mut paid, "payment_status", "paid");
            tx.put(paid.clone());
            tx.emit("checkout.session.async_payment_succeeded", &paid);
        }
        Tried::Failed(_) if !open && session["payment_status"] == "unpaid" => {
            tx.emit("checkout.session.async_payment_failed", &session);
        }
        _ => {}
    }
}
