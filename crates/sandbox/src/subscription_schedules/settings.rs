//! What holds for every phase that says nothing else.

use serde_json::{Map, Value, json};

use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// Parameters of a phase and of the defaults that the sandbox has.
pub(super) const KNOWN: &[&str] = &[
    "billing_cycle_anchor",
    "collection_method",
    "default_payment_method",
    "description",
    "invoice_settings",
];

/// The settings of a schedule that names none.
pub(super) fn fresh() -> Value {
    json!({
        "application_fee_percent": null,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": null,
        "collection_method": "charge_automatically",
        "default_payment_method": null,
        "description": null,
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "days_until_due": null,
            "description": null, "footer": null, "issuer": {"type": "self"},
        },
        "on_behalf_of": null,
        "transfer_data": null,
    })
}

/// Writes the settings that a request gives.
///
/// # Errors
/// One that the sandbox does not have, or one that contradicts another.
pub(super) fn fill(tx: &Tx, settings: &mut Value, given: &Value, customer: &str) -> Result<(), Refusal> {
    let at = "default_settings";
    let Some(given) = given.as_object() else { return Ok(()) };
    only(given, KNOWN, at)?;
    value::assign(settings, given, &["billing_cycle_anchor", "collection_method", "description"]);
    payment_method(tx, settings, given, customer, at)?;
    if let Some(invoices) = given.get("invoice_settings") {
        value::set(settings, "invoice_settings", invoice_settings(invoices, at)?);
    }
    needs_days(settings, at)
}

/// Refuses what the sandbox does not have, unless it says nothing.
///
/// # Errors
/// The parameter that it does not have.
pub(super) fn only(given: &Map<String, Value>, known: &[&str], at: &str) -> Result<(), Refusal> {
    let says = |v: &Value| match v {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        Value::Object(map) => map.get("enabled") != Some(&Value::Bool(false)),
        other => !value::clears(other),
    };
    match given.iter().find(|(name, v)| !known.contains(&name.as_str()) && says(v)) {
        None => Ok(()),
        Some((name, _)) => {
            let place = format!("{at}[{name}]");
            Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(&place))
        }
    }
}

/// Writes the payment method, which must be the customer's.
///
/// # Errors
/// Unknown or another's.
pub(super) fn payment_method(
    tx: &Tx,
    settings: &mut Value,
    given: &Map<String, Value>,
    customer: &str,
    at: &str,
) -> Result<(), Refusal> {
    let Some(id) = given.get("default_payment_method").and_then(Value::as_str) else { return Ok(()) };
    let place = format!("{at}[default_payment_method]");
    if id.is_empty() {
        value::set(settings, "default_payment_method", Value::Null);
        return Ok(());
    }
    let method = tx.at_param("payment_method", id, &place)?;
    if method["customer"] != customer {
        return Err(refusal::invalid(format!(
            "The customer does not have a payment method with the ID {id}. Attach it to the customer first."
        ))
        .with_code("resource_missing")
        .with_param(&place));
    }
    value::set(settings, "default_payment_method", id);
    Ok(())
}

/// Invoice settings with every field.
///
/// # Errors
/// One that the sandbox does not have.
pub(super) fn invoice_settings(given: &Value, at: &str) -> Result<Value, Refusal> {
    let known = &["custom_fields", "days_until_due", "description", "footer"];
    let place = format!("{at}[invoice_settings]");
    if let Some(given) = given.as_object() {
        let others = given.iter().filter(|(name, v)| *name != "issuer" || v["type"] != "self");
        let others: Map<String, Value> = others.map(|(k, v)| (k.clone(), v.clone())).collect();
        only(&others, known, &place)?;
    }
    let mut whole = value::complete(
        given,
        &["account_tax_ids", "custom_fields", "days_until_due", "description", "footer"],
    );
    value::set(&mut whole, "issuer", json!({"type": "self"}));
    Ok(whole)
}

/// An invoice that is sent needs a time until it is due.
pub(super) fn needs_days(settings: &Value, at: &str) -> Result<(), Refusal> {
    let sent = settings["collection_method"] == "send_invoice";
    if sent && !settings["invoice_settings"]["days_until_due"].is_number() {
        let place = format!("{at}[invoice_settings][days_until_due]");
        return Err(refusal::invalid(format!(
            "If `collection_method` is `send_invoice`, you must give `{place}`."
        ))
        .with_param(&place));
    }
    Ok(())
}
