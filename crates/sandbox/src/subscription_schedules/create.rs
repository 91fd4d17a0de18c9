//! `POST /v1/subscription_schedules`: for a customer, or to go on with a subscription.

use serde_json::{Value, json};

use super::{KIND, begin, object, phases, settings};
use crate::{
    state::Tx,
    subscriptions, value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    if let Some(id) = call.text("from_subscription") {
        return of_subscription(tx, call, id);
    }
    let missing = |param: &str| {
        refusal::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(param)
    };
    let customer = call.text("customer").ok_or_else(|| missing("customer"))?;
    let customer = tx.at_param("customer", customer, "customer")?;
    let given = call.params.get("phases").and_then(Value::as_array).ok_or_else(|| missing("phases"))?;
    let now = tx.now();
    let start = call.int("start_date").unwrap_or(now);
    let mut schedule = object::fresh(tx, value::id(&customer));
    if let Some(given) = call.params.get("default_settings") {
        settings::fill(tx, &mut schedule["default_settings"], given, value::id(&customer))?;
    }
    if call.params.get("billing_mode").is_some_and(|mode| mode["type"] == "classic") {
        schedule["billing_mode"] = json!({"flexible": null, "type": "classic"});
    }
    value::assign(&mut schedule, &call.params, &["end_behavior"]);
    value::merge_metadata(&mut schedule, &call.params);
    let read = phases::read(tx, given, start, value::id(&customer))?;
    value::set(&mut schedule, "phases", read);
    tx.put(schedule.clone());
    tx.emit("subscription_schedule.created", &schedule);
    let told = tx.last_event();
    if start <= now {
        schedule = begin::begin(tx, schedule)?;
        tx.retell(&told, value::id(&schedule));
    }
    Ok(schedule)
}

/// A schedule whose first phase is the period that a subscription is in.
fn of_subscription(tx: &mut Tx, call: &Call, id: &str) -> Result<Value, Refusal> {
    const ALLOWED: &[&str] = &["billing_mode", "expand", "from_subscription", "metadata"];
    if let Some(name) = call.params.keys().find(|name| !ALLOWED.contains(&name.as_str())) {
        return Err(refusal::invalid(format!("You cannot set `{name}` if `from_subscription` is set."))
            .with_param(name));
    }
    let before = tx.at_param("subscription", id, "from_subscription")?;
    if subscriptions::is_over(&before) || !before["schedule"].is_null() {
        let why = if before["schedule"].is_null() { "is over" } else { "is managed by a schedule already" };
        return Err(refusal::invalid(format!(
            "You cannot create a subscription schedule from a subscription that {why}. Nothing was changed."
        ))
        .with_param("from_subscription"));
    }
    let mut schedule = object::fresh(tx, value::text(&before, "customer").unwrap_or_default());
    value::merge_metadata(&mut schedule, &call.params);
    value::set(&mut schedule, "billing_mode", before["billing_mode"].clone());
    value::set(&mut schedule, "status", "active");
    value::set(&mut schedule, "subscription", id);
    for field in ["collection_method", "default_payment_method", "description"] {
        schedule["default_settings"][field] = before[field].clone();
    }
    schedule["default_settings"]["invoice_settings"]["days_until_due"] = before["days_until_due"].clone();
    let phase = present(tx, &before)?;
    value::set(&mut schedule, "phases", vec![phase]);
    object::enter(&mut schedule, 0);
    tx.put(schedule.clone());
    let mut after = before.clone();
    value::set(&mut after, "schedule", value::id(&schedule));
    tx.emit("subscription_schedule.created", &schedule);
    tx.change("customer.subscription.updated", &before, after);
    Ok(schedule)
}

/// The period that a subscription is in, as a phase.
fn present(tx: &mut Tx, subscription: &Value) -> Result<Value, Refusal> {
    let items = subscriptions::items(tx, subscription);
    let start = items.iter().map(|item| value::int(item, "current_period_start")).min().unwrap_or_default();
    let end = items.iter().map(|item| value::int(item, "current_period_end")).min().unwrap_or_default();
    let given: Vec<Value> = items
        .iter()
        .map(|item| json!({"price": item["_price"], "quantity": item["quantity"], "metadata": item["metadata"]}))
        .collect();
    let mut phase = json!({"items": given, "end_date": end, "metadata": subscription["metadata"]});
    if let Some(until) = subscription["trial_end"].as_i64().filter(|until| *until == end) {
        value::set(&mut phase, "trial_end", until);
    }
    let customer = value::text(subscription, "customer").unwrap_or_default();
    let read = phases::read(tx, &[phase], start, customer)?;
    Ok(read.into_iter().next().unwrap_or_default())
}

/// The schedule that a path names, which must have something to do yet.
///
/// # Errors
/// Unknown, or over.
pub(super) fn live(tx: &Tx, call: &Call, what: &str) -> Result<Value, Refusal> {
    let schedule = tx.at_path(KIND, call.id())?;
    if super::is_live(&schedule) {
        return Ok(schedule);
    }
    Err(refusal::invalid(format!(
        "You cannot {what} a subscription schedule that is currently in the `{}` status. It must be `not_started` or `active`. Nothing was changed.",
        value::text(&schedule, "status").unwrap_or_default()
    )))
}
