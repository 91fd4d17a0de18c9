//! What a customer does on the page, by the operations that anybody could call.

use serde_json::{Map, Value, json};

use super::{CONFIGURATION, SESSION};
use crate::{
    state::Tx,
    value,
    wire::{Refusal, ask, refusal},
};

/// What the session's configuration says of a feature that is on.
///
/// # Errors
/// No such session, or the feature is off.
fn feature(tx: &Tx, session: &Value, name: &str) -> Result<Value, Refusal> {
    let configuration = value::text(session, "configuration").and_then(|id| tx.find(CONFIGURATION, id));
    let feature = configuration.map(|one| one["features"][name].clone()).unwrap_or_default();
    if feature["enabled"] == true {
        return Ok(feature);
    }
    Err(refusal::invalid("This portal's configuration does not allow that. Nothing was changed."))
}

/// Cancels one of the customer's subscriptions: now, or at the end of its period.
///
/// # Errors
/// Not the customer's, over, or not allowed.
pub(crate) fn cancel(tx: &mut Tx, session: &str, subscription: &str) -> Result<Value, Refusal> {
    let session = tx.at_path(SESSION, session)?;
    let feature = feature(tx, &session, "subscription_cancel")?;
    let of = tx.at_param("subscription", subscription, "subscription")?;
    if of["customer"] != session["customer"] {
        return Err(refusal::missing("subscription", subscription, "subscription"));
    }
    if feature["mode"] == "immediately" {
        let prorates = feature["proration_behavior"] != "none";
        let bills = feature["proration_behavior"] == "always_invoice";
        let params = Map::from_iter([
            ("prorate".to_owned(), json!(prorates)),
            ("invoice_now".to_owned(), json!(bills)),
        ]);
        return ask(tx, "subscriptions.cancel", &[subscription], params);
    }
    // Of flexible subscriptions the portal writes a time (Stripe's changelog, clover).
    let (name, end) = if of["billing_mode"]["type"] == "flexible" {
        ("cancel_at", json!("max_period_end"))
    } else {
        ("cancel_at_period_end", json!(true))
    };
    ask(tx, "subscriptions.update", &[subscription], Map::from_iter([(name.to_owned(), end)]))
}

/// Attaches a payment method and makes it the customer's default.
///
/// # Errors
/// Refused by its bank, or not allowed.
pub(crate) fn change_payment_method(tx: &mut Tx, session: &str, method: &str) -> Result<Value, Refusal> {
    let session = tx.at_path(SESSION, session)?;
    feature(tx, &session, "payment_method_update")?;
    let customer = value::text(&session, "customer").unwrap_or_default().to_owned();
    let params = Map::from_iter([("customer".to_owned(), json!(customer))]);
    let attached = ask(tx, "paymentMethods.attach", &[method], params)?;
    let settings = json!({"default_payment_method": attached["id"]});
    let params = Map::from_iter([("invoice_settings".to_owned(), settings)]);
    ask(tx, "customers.update", &[&customer], params)
}
