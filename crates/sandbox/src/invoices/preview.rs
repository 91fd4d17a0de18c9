//! `POST /v1/invoices/create_preview`: what would be billed next, or by a change.
//!
//! Nothing is computed here: the change is made, or time goes on, in a copy of the state
//! that is thrown away, and the invoice that comes of it is shown. So the preview is what
//! then happens.

use serde_json::{Map, Value, json};

use super::{finalize, recalculate, terms};
use crate::{
    state::Tx,
    subscriptions, value,
    wire::{Call, Refusal, ask, refusal, render},
};

/// The most minor units of one unit (Stripe's API, Invoices: twelve digits).
const UNIT_MAX: u64 = 999_999_999_999;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut ahead = tx.what_if();
    let mut invoice = imagined(&mut ahead, call)?;
    if call.has("discounts") {
        terms::fill(&mut ahead, &mut invoice, call, false)?;
        recalculate(&mut ahead, &mut invoice);
    }
    finalize::preview(&mut ahead, &mut invoice)?;
    ahead.put(invoice.clone());
    Ok(shown(&ahead, &invoice))
}

/// The draft that would come to be.
fn imagined(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let details =
        call.params.get("subscription_details").and_then(Value::as_object).cloned().unwrap_or_default();
    let named = match (call.text("subscription"), call.text("schedule")) {
        (Some(_), Some(_)) => return Err(refusal::exclusive("subscription", "schedule")),
        (Some(id), None) => Some(id.to_owned()),
        (None, Some(id)) => {
            let schedule = tx.at_param("subscription_schedule", id, "schedule")?;
            value::text(&schedule, "subscription").map(str::to_owned)
        }
        (None, None) => None,
    };
    match named {
        Some(id) => {
            let subscription = tx.at_param("subscription", &id, "subscription")?;
            let customer = value::text(&subscription, "customer").unwrap_or_default().to_owned();
            if call.text("customer").is_some_and(|given| given != customer) {
                return Err(
                    refusal::invalid("The subscription belongs to another customer.").with_param("customer")
                );
            }
            add_items(tx, call, &customer, Some(&id))?;
            of_subscription(tx, &subscription, details, call.text("preview_mode"))
        }
        None => {
            let customer = customer(tx, call)?;
            add_items(tx, call, &customer, None)?;
            if details.contains_key("items") {
                of_new(tx, &customer, details)
            } else {
                of_customer(tx, call, &customer)
            }
        }
    }
}

/// The customer that is asked about, or one who has only the details.
fn customer(tx: &mut Tx, call: &Call) -> Result<String, Refusal> {
    if let Some(id) = call.text("customer") {
        return Ok(value::id(&tx.at_param("customer", id, "customer")?).to_owned());
    }
    let Some(Value::Object(details)) = call.params.get("customer_details") else {
        return Err(refusal::invalid(
            "You must give one of `customer`, `customer_details`, `subscription`, or `schedule`.",
        )
        .with_code("parameter_missing")
        .with_param("customer"));
    };
    let mut params = details.clone();
    params.retain(|name, _| matches!(name.as_str(), "address" | "shipping" | "tax_exempt"));
    ask(tx, "customers.create", &[], params).map(|made| value::id(&made).to_owned())
}

/// What the request adds to the invoice.
fn add_items(tx: &mut Tx, call: &Call, customer: &str, subscription: Option<&str>) -> Result<(), Refusal> {
    let given = call.params.get("invoice_items").and_then(Value::as_array).cloned().unwrap_or_default();
    for (nth, one) in given.into_iter().enumerate() {
        let mut params = one.as_object().cloned().unwrap_or_default();
        if let Some(price) = params.shift_remove("price") {
            params.insert("pricing".into(), json!({ "price": price }));
        }
        if let Some(unit) = params.shift_remove("unit_amount") {
            if unit.as_i64().is_none_or(|unit| unit.unsigned_abs() > UNIT_MAX) {
                return Err(refusal::invalid(format!("Invalid integer: {unit}"))
                    .with_code("parameter_invalid_integer")
                    .with_param(&format!("invoice_items[{nth}][unit_amount]")));
            }
            params.insert("unit_amount_decimal".into(), json!(unit.to_string()));
        }
        let known = params.shift_remove("invoiceitem");
        let asked = if let Some(id) = known.as_ref().and_then(Value::as_str) {
            params.shift_remove("currency");
            ask(tx, "invoiceItems.update", &[id], params)
        } else {
            params.insert("customer".into(), json!(customer));
            if let Some(id) = subscription {
                params.insert("subscription".into(), json!(id));
            }
            ask(tx, "invoiceItems.create", &[], params)
        };
        asked.map_err(|refused| placed(refused, nth))?;
    }
    Ok(())
}

/// A refusal of one of the items, at its place.
fn placed(mut refused: Refusal, nth: usize) -> Refusal {
    if let Some(Value::String(param)) = refused.error.get_mut("param") {
        let (head, rest) = param.split_once('[').map_or((param.as_str(), ""), |(head, rest)| (head, rest));
        let rest = if rest.is_empty() { String::new() } else { format!("[{rest}") };
        let named = if head == "pricing" { "[price]".to_owned() } else { format!("[{head}]{rest}") };
        *param = format!("invoice_items[{nth}]{named}");
    }
    refused
}

/// The invoice of a change of a subscription, else its next one.
fn of_subscription(
    tx: &mut Tx,
    subscription: &Value,
    mut details: Map<String, Value>,
    mode: Option<&str>,
) -> Result<Value, Refusal> {
    let id = value::id(subscription).to_owned();
    if details.shift_remove("cancel_now") == Some(Value::Bool(true)) {
        let prorates = details.get("proration_behavior").is_none_or(|behavior| behavior != "none");
        subscriptions::cancel_with(tx, &id, prorates, true)?;
        return newest(tx, subscription);
    }
    let resumes = details.shift_remove("resume_at");
    for only_new in ["billing_mode", "start_date"] {
        details.shift_remove(only_new);
    }
    if resumes.is_some() && subscription["status"] == "paused" {
        details.retain(|name, _| matches!(name.as_str(), "billing_cycle_anchor" | "proration_behavior"));
        ask(tx, "subscriptions.resume", &[&id], details)?;
    } else if !details.is_empty() {
        ask(tx, "subscriptions.update", &[&id], details).map_err(within_details)?;
    }
    if mode == Some("recurring") {
        return recurring(tx, &id);
    }
    newest(tx, subscription).or_else(|_| next(tx, &id))
}

/// A refusal of what the details say.
fn within_details(mut refused: Refusal) -> Refusal {
    if let Some(Value::String(param)) = refused.error.get_mut("param") {
        let (head, rest) = param
            .split_once('[')
            .map_or((param.as_str(), String::new()), |(head, rest)| (head, format!("[{rest}")));
        *param = format!("subscription_details[{head}]{rest}");
    }
    refused
}

/// The next invoice as it will come again and again: without what is billed once.
fn recurring(tx: &mut Tx, id: &str) -> Result<Value, Refusal> {
    let customer = value::text(&tx.at_path("subscription", id)?, "customer").unwrap_or_default().to_owned();
    for item in tx.pointing_at("invoiceitem", &customer) {
        if item["invoice"].is_null() {
            tx.remove(value::id(&item));
        }
    }
    next(tx, id)
}

/// The invoice that a subscription has now and did not have before.
fn newest(tx: &Tx, before: &Value) -> Result<Value, Refusal> {
    let now = tx.get(value::id(before)).map(|now| now["latest_invoice"].clone()).unwrap_or_default();
    if now == before["latest_invoice"] {
        return Err(none());
    }
    now.as_str().and_then(|id| tx.get(id)).cloned().ok_or_else(none)
}

/// The invoice of the next renewal.
fn next(tx: &mut Tx, id: &str) -> Result<Value, Refusal> {
    let subscription = tx.at_path("subscription", id)?;
    subscriptions::look_ahead(tx, &subscription);
    newest(tx, &subscription)
}

/// The first invoice of a subscription that does not exist.
fn of_new(tx: &mut Tx, customer: &str, details: Map<String, Value>) -> Result<Value, Refusal> {
    let mut params = details;
    let anchor = params.shift_remove("billing_cycle_anchor");
    if let Some(at) = anchor.as_ref().and_then(|anchor| anchor.get("timestamp")) {
        params.insert("billing_cycle_anchor".into(), at.clone());
    }
    if let Some(start) = params.shift_remove("start_date") {
        params.insert("backdate_start_date".into(), start);
    }
    for only_known in ["cancel_now", "proration_date", "resume_at"] {
        params.shift_remove(only_known);
    }
    params.insert("customer".into(), json!(customer));
    params.insert("payment_behavior".into(), json!("default_incomplete"));
    let made = ask(tx, "subscriptions.create", &[], params).map_err(within_details)?;
    let latest = value::text(&made, "latest_invoice")
        .or_else(|| tx.get(value::id(&made)).and_then(|now| value::text(now, "latest_invoice")));
    latest.and_then(|id| tx.get(id)).cloned().ok_or_else(none)
}

/// What the customer is billed next: the renewal that comes first, else what is pending.
fn of_customer(tx: &mut Tx, call: &Call, customer: &str) -> Result<Value, Refusal> {
    let live = tx.pointing_at("subscription", customer);
    let end = |one: &Value| one.get("_period_end").and_then(Value::as_i64).unwrap_or(i64::MAX);
    let first = live.into_iter().filter(|one| !subscriptions::is_over(one)).min_by_key(end);
    if let Some(first) = first
        && let Ok(invoice) = next(tx, value::id(&first))
    {
        return Ok(invoice);
    }
    if !tx.pointing_at("invoiceitem", customer).iter().any(|item| item["invoice"].is_null()) {
        return Err(none());
    }
    let mut params = Map::from_iter([
        ("customer".to_owned(), json!(customer)),
        ("pending_invoice_items_behavior".to_owned(), json!("include")),
    ]);
    if let Some(currency) = call.text("currency") {
        params.insert("currency".into(), json!(currency));
    }
    ask(tx, "invoices.create", &[], params)
}

fn none() -> Refusal {
    refusal::invalid("No upcoming invoices for customer").with_code("invoice_upcoming_none").with_status(404)
}

/// The draft as a preview: no invoice of this id will ever be.
fn shown(tx: &Tx, invoice: &Value) -> Value {
    let mut shown = render(tx, invoice);
    let id = value::id(invoice).replacen("in_", "upcoming_in_", 1);
    for line in shown["lines"]["data"].as_array_mut().into_iter().flatten() {
        let of = value::id(line).replacen("il_", "il_tmp_", 1);
        value::set(line, "id", of);
        value::set(line, "invoice", id.clone());
    }
    value::set(&mut shown["lines"], "url", format!("/v1/invoices/{id}/lines"));
    value::set(&mut shown, "id", id);
    value::set(&mut shown, "auto_advance", false);
    value::set(&mut shown, "billing_reason", "upcoming");
    value::set(&mut shown, "_shown", true);
    shown
}
