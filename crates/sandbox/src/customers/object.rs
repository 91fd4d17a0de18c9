//! The customer object and how parameters change it.

use serde_json::{Map, Value, json};

use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal, render},
};

/// A customer that nothing is known of yet.
pub(super) fn fresh(tx: &mut Tx) -> Value {
    let id = tx.ids().object("cus");
    let prefix = tx.ids().upper(8);
    json!({
        "id": id,
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": tx.now(),
        "currency": null,
        "customer_account": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": null,
        "invoice_prefix": prefix,
        "invoice_settings": {
            "custom_fields": null,
            "default_payment_method": null,
            "footer": null,
            "rendering_options": null,
        },
        "livemode": false,
        "metadata": {},
        "name": null,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": tx.test_clock(),
    })
}

/// Writes the parameters that create and update have in common.
pub(super) fn fill(tx: &Tx, customer: &mut Value, call: &Call) -> Result<(), Refusal> {
    let params = &call.params;
    check(call)?;
    value::assign(
        customer,
        params,
        &["balance", "description", "email", "name", "next_invoice_sequence", "phone", "preferred_locales"],
    );
    value::merge_metadata(customer, params);
    if let Some(address) = params.get("address") {
        value::set(customer, "address", or_cleared(address, value::address));
    }
    if let Some(shipping) = params.get("shipping") {
        value::set(customer, "shipping", or_cleared(shipping, value::shipping));
    }
    if let Some(exempt) = params.get("tax_exempt") {
        value::set(customer, "tax_exempt", or_cleared(exempt, |_| Value::Null));
        if !value::clears(exempt) {
            value::set(customer, "tax_exempt", exempt.clone());
        }
    }
    if let Some(prefix) = call.text("invoice_prefix") {
        value::set(customer, "invoice_prefix", prefix);
    }
    for name in ["business_name", "individual_name"] {
        absent_or_text(customer, params, name);
    }
    if let Some(Value::Object(settings)) = params.get("invoice_settings") {
        invoice_settings(tx, customer, settings)?;
    }
    Ok(())
}

fn or_cleared(given: &Value, make: fn(&Value) -> Value) -> Value {
    if value::clears(given) { Value::Null } else { make(given) }
}

/// These fields are absent, never null.
fn absent_or_text(customer: &mut Value, params: &Map<String, Value>, name: &str) {
    let (Some(given), Value::Object(map)) = (params.get(name), customer) else { return };
    if value::clears(given) {
        map.shift_remove(name);
    } else {
        map.insert(name.to_owned(), given.clone());
    }
}

/// Whether text can be an e-mail address.
///
/// # Errors
/// 400 `email_invalid` with the parameter.
pub(crate) fn check_email(email: &str, param: &str) -> Result<(), Refusal> {
    let fits = email.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.len() > 2)
        && !email.chars().any(char::is_whitespace)
        && email.len() <= 512;
    if fits {
        return Ok(());
    }
    let shown: String = email.chars().take(200).collect();
    Err(refusal::invalid(format!("Invalid email address: {shown}"))
        .with_code("email_invalid")
        .with_param(param))
}

fn check(call: &Call) -> Result<(), Refusal> {
    if let Some(email) = call.text("email") {
        check_email(email, "email")?;
    }
    if let Some(prefix) = call.text("invoice_prefix") {
        let fits = (3..=12).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !fits {
            return Err(refusal::invalid(
                "Invalid invoice_prefix: it must be 3 to 12 upper-case letters or digits",
            )
            .with_param("invoice_prefix"));
        }
    }
    Ok(())
}

fn invoice_settings(tx: &Tx, customer: &mut Value, given: &Map<String, Value>) -> Result<(), Refusal> {
    let mut settings = customer["invoice_settings"].clone();
    value::assign(&mut settings, given, &["custom_fields", "footer"]);
    if let Some(options) = given.get("rendering_options") {
        let whole = |v: &Value| value::complete(v, &["amount_tax_display", "template"]);
        value::set(&mut settings, "rendering_options", or_cleared(options, whole));
    }
    match given.get("default_payment_method").and_then(Value::as_str) {
        None => {}
        Some("") => value::set(&mut settings, "default_payment_method", Value::Null),
        Some(id) => {
            let param = "invoice_settings[default_payment_method]";
            let method = tx.at_param("payment_method", id, param)?;
            if value::text(&method, "customer") != Some(value::id(customer)) {
                return Err(refusal::invalid(format!(
                    "The customer does not have a payment method with the ID {id}. Attach it to the customer first."
                ))
                .with_code("resource_missing")
                .with_param(param));
            }
            value::set(&mut settings, "default_payment_method", id);
        }
    }
    value::set(customer, "invoice_settings", settings);
    Ok(())
}

/// Adds its discount to a shown customer.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    let discount = value::text(stored, "_discount").and_then(|id| tx.get(id)).map(|one| render(tx, one));
    value::set(shown, "discount", discount);
}

/// Fixes the customer's currency to that of the first thing billed. Silent: Stripe
/// tells of it with the subscription's first invoice only.
///
/// # Errors
/// When the customer is billed in another one.
pub(crate) fn use_currency(tx: &mut Tx, customer: &Value, currency: &str) -> Result<(), Refusal> {
    match value::text(customer, "currency") {
        Some(own) if own == currency => Ok(()),
        Some(own) => Err(refusal::invalid(format!(
            "You cannot combine currencies on a single customer. This customer has had invoices or invoice items in {own}."
        ))
        .with_param("currency")),
        None => {
            let mut customer = customer.clone();
            value::set(&mut customer, "currency", currency);
            tx.put(customer);
            Ok(())
        }
    }
}
