//! A phase begins: the first makes the subscription, the others change it.

use serde_json::{Map, Value, json};

use super::object;
use crate::{
    state::Tx,
    subscriptions, value,
    wire::{Refusal, ask},
};

/// Starts a schedule with its first phase. Returns it as it is then.
///
/// # Errors
/// The subscription cannot be made.
pub(super) fn begin(tx: &mut Tx, mut schedule: Value) -> Result<Value, Refusal> {
    let id = value::id(&schedule).to_owned();
    let phase = object::phase(&schedule, 0).unwrap_or_default();
    let mut params = terms(&schedule, &phase);
    params.insert("customer".into(), schedule["customer"].clone());
    params.insert("billing_mode".into(), mode(&schedule["billing_mode"]));
    params.insert("items".into(), Value::Array(items(&phase)));
    if let Some(end) = phase["trial_end"].as_i64().filter(|end| *end > tx.now()) {
        params.insert("trial_end".into(), json!(end));
    }
    let made = subscriptions::by_schedule(tx, params, &id)?;
    value::set(&mut schedule, "subscription", value::id(&made));
    value::set(&mut schedule, "status", "active");
    object::enter(&mut schedule, 0);
    tx.put(schedule.clone());
    Ok(schedule)
}

/// Changes the subscription into what a later phase says.
///
/// # Errors
/// The subscription cannot be changed so.
pub(super) fn change(
    tx: &mut Tx,
    schedule: &Value,
    phase: &Value,
    proration: Option<&str>,
) -> Result<(), Refusal> {
    let id = value::text(schedule, "subscription").unwrap_or_default().to_owned();
    let subscription = tx.at_path("subscription", &id)?;
    let mut params = terms(schedule, phase);
    params.insert("items".into(), Value::Array(replaced(tx, &subscription, phase)));
    let behavior =
        proration.or_else(|| value::text(phase, "proration_behavior")).unwrap_or("create_prorations");
    params.insert("proration_behavior".into(), json!(behavior));
    if phase["billing_cycle_anchor"] == "phase_start" {
        params.insert("billing_cycle_anchor".into(), json!({"type": "now"}));
    }
    if let Some(end) = phase["trial_end"].as_i64().filter(|end| *end > tx.now()) {
        params.insert("trial_end".into(), json!(end));
    }
    ask(tx, "subscriptions.update", &[&id], params).map(drop)
}

/// What both operations take: the phase's own terms, else those of the schedule.
fn terms(schedule: &Value, phase: &Value) -> Map<String, Value> {
    let defaults = &schedule["default_settings"];
    let of =
        |field: &str| if phase[field].is_null() { defaults[field].clone() } else { phase[field].clone() };
    let mut params = Map::new();
    for field in ["collection_method", "default_payment_method", "description"] {
        let given = of(field);
        if !given.is_null() {
            params.insert(field.into(), given);
        }
    }
    let invoices = of("invoice_settings");
    if params.get("collection_method").is_some_and(|method| method == "send_invoice") {
        params.insert("days_until_due".into(), invoices["days_until_due"].clone());
    }
    let mut settings = invoices.as_object().cloned().unwrap_or_default();
    settings.retain(|name, given| {
        matches!(name.as_str(), "custom_fields" | "description" | "footer") && !given.is_null()
    });
    if !settings.is_empty() {
        params.insert("invoice_settings".into(), Value::Object(settings));
    }
    params.insert("metadata".into(), phase["metadata"].clone());
    let added = phase["add_invoice_items"].as_array().into_iter().flatten();
    let added: Vec<Value> = added
        .map(|one| json!({"price": one["price"], "quantity": one["quantity"], "metadata": one["metadata"]}))
        .collect();
    if !added.is_empty() {
        params.insert("add_invoice_items".into(), Value::Array(added));
    }
    params
}

fn mode(of_schedule: &Value) -> Value {
    json!({"type": of_schedule["type"]})
}

fn items(phase: &Value) -> Vec<Value> {
    let items = phase["items"].as_array().into_iter().flatten();
    items
        .map(|one| json!({"price": one["price"], "quantity": one["quantity"], "metadata": one["metadata"]}))
        .collect()
}

/// The phase's items in the place of those that there are, one for one.
fn replaced(tx: &Tx, subscription: &Value, phase: &Value) -> Vec<Value> {
    let mut wanted = items(phase);
    let mut left: Vec<Value> = subscriptions::items(tx, subscription);
    // An item keeps its place when its price stays; else it takes the next that is free.
    for one in &mut wanted {
        if let Some(at) = left.iter().position(|item| item["_price"] == one["price"]) {
            value::set(one, "id", value::id(&left.remove(at)));
        }
    }
    for one in wanted.iter_mut().filter(|one| one.get("id").is_none()) {
        if !left.is_empty() {
            value::set(one, "id", value::id(&left.remove(0)));
        }
    }
    let gone = left.iter().map(|item| json!({"id": item["id"], "deleted": true}));
    wanted.extend(gone.collect::<Vec<_>>());
    wanted
}
