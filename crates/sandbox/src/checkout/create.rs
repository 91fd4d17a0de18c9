//! `POST /v1/checkout/sessions`.

use serde_json::{Map, Value, json};

use super::{line_items, object, parameters};
use crate::{
    currency, customers,
    state::Tx,
    value,
    wire::{Call, Refusal, ask, refusal},
};

/// How long a session can be open (Stripe's API, Checkout), in seconds.
const OPEN: std::ops::RangeInclusive<i64> = 30 * 60..=24 * 3600;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    parameters::check(call)?;
    let given = call.params.get("line_items").and_then(Value::as_array).cloned().unwrap_or_default();
    let mode = call.text("mode").unwrap_or("payment").to_owned();
    only_in_mode(call, &mode)?;
    let mut session = object::fresh(tx, &mode);
    parameters::fill(&mut session, call);
    buyer(tx, &mut session, call)?;
    times(tx, &mut session, call)?;
    methods(&mut session, call);
    for (field, name) in [
        ("_payment", "payment_intent_data"),
        ("_setup", "setup_intent_data"),
        ("_terms", "subscription_data"),
    ] {
        value::set(&mut session, field, call.params.get(name).cloned().unwrap_or_else(|| json!({})));
    }
    if mode == "setup" {
        sets_up(tx, &mut session, call)?;
    } else {
        sells(tx, &mut session, call, &given)?;
    }
    address(tx, &mut session, parameters::ui_mode(call));
    tx.put(session.clone());
    Ok(session)
}

/// Refuses what means something in another mode only.
fn only_in_mode(call: &Call, mode: &str) -> Result<(), Refusal> {
    for (param, of) in [
        ("payment_intent_data", "payment"),
        ("subscription_data", "subscription"),
        ("setup_intent_data", "setup"),
        ("invoice_creation", "payment"),
        ("submit_type", "payment"),
    ] {
        if mode != of && call.has(param) {
            return Err(
                refusal::invalid(format!("You can not pass `{param}` in `{mode}` mode.")).with_param(param)
            );
        }
    }
    if mode == "setup" && call.has("line_items") {
        return Err(
            refusal::invalid("You can not pass `line_items` in `setup` mode.").with_param("line_items")
        );
    }
    if mode == "subscription" && call.has("customer_creation") {
        return Err(refusal::invalid("`customer_creation` can only be used in `payment` and `setup` mode.")
            .with_param("customer_creation"));
    }
    Ok(())
}

/// Who buys.
fn buyer(tx: &Tx, session: &mut Value, call: &Call) -> Result<(), Refusal> {
    match (call.text("customer"), call.text("customer_email")) {
        (Some(_), Some(_)) => return Err(refusal::exclusive("customer", "customer_email")),
        (Some(id), None) => {
            let customer = tx.at_param("customer", id, "customer")?;
            value::set(session, "customer", id);
            value::set(session, "customer_details", details(&customer));
        }
        (None, Some(email)) => {
            customers::check_email(email, "customer_email")?;
            value::set(
                session,
                "customer_details",
                json!({
                    "address": null, "business_name": null, "email": email, "individual_name": null, "name": null,
                    "phone": null, "tax_exempt": "none", "tax_ids": null,
                }),
            );
        }
        (None, None) => {}
    }
    let creates = call.text("customer_creation").unwrap_or("if_required");
    if call.has("customer") && call.has("customer_creation") {
        return Err(refusal::exclusive("customer", "customer_creation"));
    }
    if session["mode"] != "subscription" && session["customer"].is_null() {
        value::set(session, "customer_creation", creates);
    } else if session["customer"].is_null() {
        value::set(session, "customer_creation", "always");
    }
    Ok(())
}

/// What a session tells of its customer.
pub(super) fn details(customer: &Value) -> Value {
    json!({
        "address": customer["address"], "business_name": null, "email": customer["email"],
        "individual_name": null, "name": customer["name"], "phone": customer["phone"],
        "tax_exempt": customer["tax_exempt"], "tax_ids": null,
    })
}

fn times(tx: &Tx, session: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(at) = call.int("expires_at") else { return Ok(()) };
    if !OPEN.contains(&(at - tx.now())) {
        return Err(refusal::invalid(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.",
        )
        .with_param("expires_at"));
    }
    value::set(session, "expires_at", at);
    Ok(())
}

fn methods(session: &mut Value, call: &Call) {
    for name in ["allowed_payment_method_types", "excluded_payment_method_types"] {
        value::assign(session, &call.params, &[name]);
    }
    let types = ["payment_method_types", "allowed_payment_method_types"]
        .iter()
        .find_map(|name| call.params.get(*name));
    if let Some(types) = types.filter(|types| types.as_array().is_some_and(|all| !all.is_empty())) {
        value::set(session, "payment_method_types", types.clone());
    }
    if session["mode"] == "payment" && !call.has("payment_method_types") {
        value::set(
            session,
            "payment_method_options",
            json!({"card": {"request_three_d_secure": "automatic"}}),
        );
    }
}

/// A session that sells.
fn sells(tx: &mut Tx, session: &mut Value, call: &Call, given: &[Value]) -> Result<(), Refusal> {
    if given.is_empty() {
        return Err(refusal::invalid("Missing required param: line_items.")
            .with_code("parameter_missing")
            .with_param("line_items"));
    }
    let items = line_items::read(tx, session, given)?;
    let own = value::text(&items[0], "currency").unwrap_or_default().to_owned();
    if call.text("currency").is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&own)) {
        return Err(refusal::invalid(format!("The prices are in {own}; `currency` must be the same."))
            .with_param("currency"));
    }
    let total = items.iter().map(|item| value::int(item, "amount_total")).fold(0, i64::saturating_add);
    if session["mode"] == "payment" {
        crate::money::chargeable(&json!(total), &own, "line_items")?;
    }
    value::set(session, "amount_subtotal", total);
    value::set(session, "amount_total", total);
    value::set(session, "currency", own);
    let ids: Vec<Value> = items.iter().map(|item| item["id"].clone()).collect();
    value::set(session, "_items", ids);
    if session["mode"] == "subscription" {
        let collects = call.text("payment_method_collection").unwrap_or("always");
        value::set(session, "payment_method_collection", collects);
    } else {
        value::set(session, "payment_method_collection", "if_required");
        value::set(session, "invoice_creation", no_invoice());
    }
    Ok(())
}

fn no_invoice() -> Value {
    json!({"enabled": false, "invoice_data": {
        "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": null,
        "metadata": {}, "rendering_options": null,
    }})
}

/// A session that keeps a payment method; its setup intent is there from the start.
fn sets_up(tx: &mut Tx, session: &mut Value, call: &Call) -> Result<(), Refusal> {
    if let Some(text) = call.text("currency") {
        value::set(session, "currency", currency::parse(text)?);
    }
    let mut params = Map::new();
    if let Some(customer) = value::text(session, "customer") {
        params.insert("customer".into(), json!(customer));
    }
    for name in ["description", "metadata"] {
        if let Some(given) = session["_setup"].get(name) {
            params.insert(name.into(), given.clone());
        }
    }
    let mut intent = ask(tx, "setupIntents.create", &[], params)?;
    value::set(&mut intent, "_checkout", value::id(session));
    tx.put(intent.clone());
    value::set(session, "setup_intent", value::id(&intent));
    value::set(session, "payment_method_collection", "always");
    value::set(session, "payment_status", "no_payment_required");
    value::set(session, "total_details", Value::Null);
    Ok(())
}

/// Where the page is, or the secret by which it is embedded.
fn address(tx: &mut Tx, session: &mut Value, ui_mode: &str) {
    value::set(session, "ui_mode", ui_mode);
    if matches!(ui_mode, "hosted_page" | "hosted") {
        let url = format!("{}/_sandbox/checkout/{}", tx.base(), value::id(session));
        value::set(session, "url", url);
    } else {
        let secret = format!("{}_secret_{}", value::id(session), tx.ids().text(40));
        value::set(session, "client_secret", secret);
        if session.get("redirect_on_completion").is_none() {
            value::set(session, "redirect_on_completion", "always");
        }
    }
}
