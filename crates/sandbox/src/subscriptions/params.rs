//! What create and update both take.

use serde_json::{Map, Value, json};

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// Writes the parameters that create and update have in common.
pub(super) fn fill(tx: &Tx, subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    value::assign(subscription, &call.params, &["collection_method", "days_until_due", "description"]);
    value::merge_metadata(subscription, &call.params);
    payment_method(tx, subscription, call)?;
    collection(subscription, call)?;
    if let Some(behavior) = call.params.get("trial_settings").and_then(|s| s.get("end_behavior")) {
        let missing = behavior.get("missing_payment_method").cloned();
        let whole = json!({
            "billing_cycle_anchor": behavior.get("billing_cycle_anchor"),
            "missing_payment_method": missing.unwrap_or_else(|| json!("create_invoice")),
        });
        subscription["trial_settings"] = json!({"end_behavior": whole});
    }
    if let Some(Value::Object(given)) = call.params.get("invoice_settings") {
        invoice_settings(subscription, given)?;
    }
    if let Some(Value::Object(settings)) = call.params.get("payment_settings") {
        payment_settings(subscription, settings)?;
    }
    Ok(())
}

/// What the subscription's invoices say.
fn invoice_settings(subscription: &mut Value, given: &Map<String, Value>) -> Result<(), Refusal> {
    if let Some(name) = ["account_tax_ids", "issuer"].into_iter().find(|name| {
        given.get(*name).is_some_and(|v| !value::clears(v) && value::text(v, "type") != Some("self"))
    }) {
        let place = format!("invoice_settings[{name}]");
        return Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(&place));
    }
    let mut settings = subscription["invoice_settings"].clone();
    value::assign(&mut settings, given, &["custom_fields", "description", "footer"]);
    value::set(subscription, "invoice_settings", settings);
    Ok(())
}

fn payment_method(tx: &Tx, subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(id) = call.text("default_payment_method") else {
        if call.has("default_payment_method") {
            value::set(subscription, "default_payment_method", Value::Null);
        }
        return Ok(());
    };
    let method = tx.at_param("payment_method", id, "default_payment_method")?;
    if method["customer"] != subscription["customer"] {
        return Err(refusal::invalid(format!(
            "The customer does not have a payment method with the ID {id}. Attach it to the customer first."
        ))
        .with_code("resource_missing")
        .with_param("default_payment_method"));
    }
    value::set(subscription, "default_payment_method", id);
    Ok(())
}

/// An invoice that is sent needs a time until it is due; one that is charged has none.
fn collection(subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    let sent = subscription["collection_method"] == "send_invoice";
    let param = "days_until_due";
    if !sent && call.has(param) && !call.params[param].is_null() {
        return Err(refusal::invalid(
            "You can only use `days_until_due` when the subscription's `collection_method` is `send_invoice`.",
        )
        .with_param(param));
    }
    if !sent {
        value::set(subscription, param, Value::Null);
        return Ok(());
    }
    match subscription[param].as_i64() {
        Some(0..=3650) => Ok(()),
        Some(days) => {
            Err(refusal::invalid(format!("Invalid days_until_due: {days}; it must be between 0 and 3650"))
                .with_param(param))
        }
        None => {
            Err(refusal::invalid("If `collection_method` is `send_invoice`, you must give `days_until_due`.")
                .with_param(param))
        }
    }
}

fn payment_settings(subscription: &mut Value, given: &Map<String, Value>) -> Result<(), Refusal> {
    if given.contains_key("payment_method_options") {
        let place = "payment_settings[payment_method_options]";
        return Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(place));
    }
    let mut settings = subscription["payment_settings"].clone();
    value::assign(&mut settings, given, &["payment_method_types", "save_default_payment_method"]);
    value::set(subscription, "payment_settings", settings);
    Ok(())
}

/// Writes when the subscription ends by itself. Its periods must be known.
pub(super) fn cancel_at(tx: &Tx, subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    if call.flag("cancel_at_period_end") == Some(true) && call.text("cancel_at").is_some() {
        return Err(refusal::exclusive("cancel_at", "cancel_at_period_end"));
    }
    let ends: Vec<i64> =
        super::items(tx, subscription).iter().map(|item| value::int(item, "current_period_end")).collect();
    let (first, last) = (ends.iter().min().copied(), ends.iter().max().copied());
    match (call.params.get("cancel_at"), call.flag("cancel_at_period_end")) {
        (Some(given), _) if value::clears(given) => plan(tx, subscription, None, false),
        (Some(Value::String(named)), _) => {
            let at = if named == "min_period_end" { first } else { last };
            plan(tx, subscription, at, false);
        }
        (Some(given), _) => {
            let at = given.as_i64().filter(|at| *at > tx.now()).ok_or_else(|| {
                refusal::invalid("Invalid cancel_at: it must be a time in the future").with_param("cancel_at")
            })?;
            plan(tx, subscription, Some(at), false);
        }
        (None, Some(true)) => plan(tx, subscription, last, true),
        (None, Some(false)) => plan(tx, subscription, None, false),
        (None, None) => {}
    }
    Ok(())
}

/// The end that is planned, or none any more.
fn plan(tx: &Tx, subscription: &mut Value, at: Option<i64>, of_period: bool) {
    if subscription["cancel_at"].as_i64() == at && subscription["cancel_at_period_end"] == of_period {
        return;
    }
    value::set(subscription, "cancel_at", at);
    value::set(subscription, "cancel_at_period_end", of_period);
    value::set(subscription, "canceled_at", at.map(|_| tx.now()));
    let reason = at.map(|_| "cancellation_requested");
    subscription["cancellation_details"]["reason"] = json!(reason);
}

/// Writes what a customer said on leaving.
pub(super) fn cancellation_details(subscription: &mut Value, call: &Call) {
    if let Some(Value::Object(given)) = call.params.get("cancellation_details") {
        let mut details = subscription["cancellation_details"].clone();
        value::assign(&mut details, given, &["comment", "feedback", "feedback_option"]);
        value::set(subscription, "cancellation_details", details);
    }
}
