//! A session of mode `subscription`: a customer, its payment method, and a subscription
//! whose first invoice is paid.

use serde_json::{Map, Value, json};

use super::{
    complete::{Entered, customer, done},
    items,
};
use crate::{
    payment_methods,
    state::Tx,
    value,
    wire::{Refusal, ask},
};

/// Subscribes the customer.
///
/// # Errors
/// The payment method is refused: nothing stays, and the session is open.
pub(super) fn subscribe(tx: &mut Tx, mut session: Value, entered: &Entered) -> Result<Value, Refusal> {
    let customer = customer(tx, &mut session)?;
    let owner = tx.at_param("customer", &customer, "customer")?;
    let method = payment_methods::attach_to(tx, &entered.payment_method, &owner, "payment_method")?;
    let attached = tx.get(value::id(&method)).cloned().unwrap_or(method);
    tx.emit("payment_method.attached", &attached);
    let mut params: Map<String, Value> = session["_terms"].as_object().cloned().unwrap_or_default();
    params.insert("customer".into(), json!(customer));
    params.insert("default_payment_method".into(), json!(value::id(&attached)));
    params.insert("payment_behavior".into(), json!("error_if_incomplete"));
    let (mut recurring, mut once, mut archived) = (Vec::new(), Vec::new(), Vec::new());
    for item in items(tx, &session) {
        let price = value::text(&item, "_price").and_then(|id| tx.get(id)).cloned().unwrap_or_default();
        let wanted = json!({"price": price["id"], "quantity": item["quantity"]});
        if price["recurring"].is_object() {
            recurring.push(wanted)
        } else {
            once.push(wanted)
        }
        if price["active"] == false {
            // One that the session brought along is archived, and is used all the same.
            set_active(tx, &price, true);
            archived.push(price);
        }
    }
    params.insert("items".into(), Value::Array(recurring));
    if !once.is_empty() {
        params.insert("add_invoice_items".into(), Value::Array(once));
    }
    let made = ask(tx, "subscriptions.create", &[], params)?;
    archived.iter().for_each(|price| set_active(tx, price, false));
    let made = tx.at_path("subscription", value::id(&made))?;
    value::set(&mut session, "subscription", value::id(&made));
    value::set(&mut session, "invoice", made["latest_invoice"].clone());
    let invoice = value::text(&made, "latest_invoice").and_then(|id| tx.find("invoice", id));
    let due = invoice.map_or(0, |invoice| value::int(invoice, "amount_paid"));
    let paid = if due == 0 && made["status"] == "trialing" { "no_payment_required" } else { "paid" };
    Ok(done(tx, session, paid))
}

fn set_active(tx: &mut Tx, price: &Value, active: bool) {
    let mut price = price.clone();
    value::set(&mut price, "active", active);
    tx.put(price);
}
