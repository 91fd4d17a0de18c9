//! Phases as requests say them, made whole: every item has its price, every phase its
//! start and its end.

use serde_json::{Map, Value, json};

use super::settings;
use crate::{
    prices,
    state::Tx,
    subscriptions, value,
    wire::{Refusal, refusal},
};

/// The most phases that are present or to come (Stripe's API, Subscription schedules).
const PHASES_MAX: usize = 10;
const KNOWN: &[&str] = &[
    "add_invoice_items",
    "billing_cycle_anchor",
    "collection_method",
    "currency",
    "default_payment_method",
    "description",
    "duration",
    "end_date",
    "invoice_settings",
    "items",
    "iterations",
    "metadata",
    "proration_behavior",
    "start_date",
    "trial",
    "trial_end",
];

/// The phases of a request, one after another from `start`.
///
/// # Errors
/// None, too many, or one that makes no sense.
pub(super) fn read(tx: &mut Tx, given: &[Value], start: i64, customer: &str) -> Result<Vec<Value>, Refusal> {
    if given.is_empty() || given.len() > PHASES_MAX {
        return Err(refusal::invalid(format!("A subscription schedule has 1 to {PHASES_MAX} phases."))
            .with_param("phases"));
    }
    let mut phases: Vec<Value> = Vec::new();
    let mut begins = start;
    for (nth, one) in given.iter().enumerate() {
        let at = format!("phases[{nth}]");
        let empty = Map::new();
        let one = one.as_object().unwrap_or(&empty);
        settings::only(one, KNOWN, &at)?;
        let mut phase = fresh(begins);
        fill(tx, &mut phase, one, customer, &at)?;
        let currency = phases.first().map(|first| first["currency"].clone());
        if currency.is_some_and(|own| own != phase["currency"]) {
            return Err(refusal::invalid("All phases of a subscription schedule have one currency.")
                .with_param(&format!("{at}[currency]")));
        }
        begins = end(tx, one, &phase, begins, &at)?;
        value::set(&mut phase, "end_date", begins);
        trial(&mut phase, one, &at)?;
        phases.push(phase);
    }
    Ok(phases)
}

/// A phase that nothing is known of yet.
fn fresh(start: i64) -> Value {
    json!({
        "add_invoice_items": [],
        "application_fee_percent": null,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": null,
        "billing_thresholds": null,
        "collection_method": null,
        "currency": "usd",
        "default_payment_method": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "end_date": start,
        "invoice_settings": null,
        "items": [],
        "metadata": {},
        "on_behalf_of": null,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": null,
        "trial_end": null,
    })
}

fn fill(
    tx: &mut Tx,
    phase: &mut Value,
    given: &Map<String, Value>,
    customer: &str,
    at: &str,
) -> Result<(), Refusal> {
    let taken = ["billing_cycle_anchor", "collection_method", "description", "proration_behavior"];
    value::assign(phase, given, &taken);
    value::merge_metadata(phase, given);
    settings::payment_method(tx, phase, given, customer, at)?;
    if let Some(invoices) = given.get("invoice_settings") {
        value::set(phase, "invoice_settings", settings::invoice_settings(invoices, at)?);
    }
    settings::needs_days(phase, at)?;
    let none = Vec::new();
    let items = given.get("items").and_then(Value::as_array).unwrap_or(&none);
    if items.is_empty() {
        let place = format!("{at}[items]");
        return Err(refusal::invalid(format!("Missing required param: {place}."))
            .with_code("parameter_missing")
            .with_param(&place));
    }
    let mut read = Vec::new();
    for (nth, one) in items.iter().enumerate() {
        read.push(item(tx, one, &format!("{at}[items][{nth}]"))?);
    }
    let first = value::text(&read[0], "price").and_then(|id| tx.get(id));
    let currency = first.and_then(|price| value::text(price, "currency")).unwrap_or("usd").to_owned();
    let wanted = given.get("currency").and_then(Value::as_str);
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&currency)) {
        return Err(refusal::invalid(format!("The prices are in {currency}; `currency` must be the same."))
            .with_param(&format!("{at}[currency]")));
    }
    value::set(phase, "currency", currency);
    value::set(phase, "items", read);
    let added = given.get("add_invoice_items").and_then(Value::as_array).unwrap_or(&none);
    let mut read = Vec::new();
    for (nth, one) in added.iter().enumerate() {
        read.push(added_item(tx, one, &format!("{at}[add_invoice_items][{nth}]"))?);
    }
    value::set(phase, "add_invoice_items", read);
    Ok(())
}

fn item(tx: &mut Tx, given: &Value, at: &str) -> Result<Value, Refusal> {
    let map = given.as_object().cloned().unwrap_or_default();
    settings::only(&map, &["metadata", "plan", "price", "price_data", "quantity"], at)?;
    let Some(price) = subscriptions::priced(tx, given, at)? else {
        let place = format!("{at}[price]");
        return Err(refusal::invalid(format!("Missing required param: {place}."))
            .with_code("parameter_missing")
            .with_param(&place));
    };
    let mut item = json!({
        "billing_thresholds": null,
        "discounts": [],
        "metadata": {},
        "plan": price["id"],
        "price": price["id"],
        "quantity": subscriptions::quantity(given, at)?.unwrap_or(1),
        "tax_rates": [],
    });
    value::merge_metadata(&mut item, &map);
    Ok(item)
}

/// An item of the phase's first invoice.
fn added_item(tx: &mut Tx, given: &Value, at: &str) -> Result<Value, Refusal> {
    let map = given.as_object().cloned().unwrap_or_default();
    settings::only(&map, &["metadata", "price", "price_data", "quantity"], at)?;
    let price = match (value::text(given, "price"), given.get("price_data")) {
        (Some(id), _) => prices::usable(tx, id, "one_time", &format!("{at}[price]"))?,
        (None, Some(data)) => {
            let place = format!("{at}[price_data]");
            let product = value::text(data, "product").unwrap_or_default();
            let product = tx.at_param("product", product, &format!("{place}[product]"))?;
            let price = prices::of_data(tx, data, value::id(&product), &place, false)?;
            prices::tell_created(tx, &price);
            price
        }
        (None, None) => {
            return Err(refusal::invalid(format!("Missing required param: {at}[price]."))
                .with_code("parameter_missing")
                .with_param(&format!("{at}[price]")));
        }
    };
    let mut item = json!({
        "discountable": null,
        "discounts": [],
        "metadata": {},
        "period": {"end": {"type": "phase_end"}, "start": {"type": "phase_start"}},
        "price": price["id"],
        "quantity": given.get("quantity").cloned().unwrap_or_else(|| json!(1)),
        "tax_rates": [],
    });
    value::merge_metadata(&mut item, &map);
    Ok(item)
}

/// When a phase ends: at a time, after a while, or after so many periods of its first
/// price, which is what releases before clover said; one when it says nothing.
fn end(tx: &Tx, given: &Map<String, Value>, phase: &Value, begins: i64, at: &str) -> Result<i64, Refusal> {
    let said: Vec<&str> =
        ["duration", "end_date", "iterations"].into_iter().filter(|name| given.contains_key(*name)).collect();
    if let [first, second, ..] = said[..] {
        return Err(refusal::exclusive(&format!("{at}[{first}]"), &format!("{at}[{second}]")));
    }
    if let Some(end) = given.get("end_date").and_then(Value::as_i64) {
        if end <= begins {
            let place = format!("{at}[end_date]");
            return Err(refusal::invalid("The end of a phase must be after its start.").with_param(&place));
        }
        return Ok(end);
    }
    let price =
        value::text(&phase["items"][0], "price").and_then(|id| tx.get(id)).cloned().unwrap_or_default();
    let (price, times) = match (given.get("duration"), given.get("iterations").and_then(Value::as_i64)) {
        (Some(duration), _) => (json!({"recurring": duration}), 1),
        (None, times) => (price, times.unwrap_or(1)),
    };
    if !(1..=1000).contains(&times) {
        let place = format!("{at}[iterations]");
        return Err(refusal::invalid("Invalid iterations: it must be between 1 and 1000").with_param(&place));
    }
    let mut end = begins;
    for _ in 0..times {
        end = subscriptions::end_after(begins, &price, end);
    }
    Ok(end)
}

fn trial(phase: &mut Value, given: &Map<String, Value>, at: &str) -> Result<(), Refusal> {
    let end = value::int(phase, "end_date");
    let until =
        match (given.get("trial").and_then(Value::as_bool), given.get("trial_end").and_then(Value::as_i64)) {
            (Some(true), Some(_)) => {
                return Err(refusal::exclusive(&format!("{at}[trial]"), &format!("{at}[trial_end]")));
            }
            (Some(true), None) => Some(end),
            (_, until) => until,
        };
    if until.is_some_and(|until| until > end || until <= value::int(phase, "start_date")) {
        return Err(refusal::invalid("The trial of a phase must end within the phase.")
            .with_param(&format!("{at}[trial_end]")));
    }
    value::set(phase, "trial_end", until);
    Ok(())
}
