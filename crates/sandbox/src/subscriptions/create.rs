//! `POST /v1/subscriptions`: the first invoice is finalized and paid inside the call.
//!
//! Whatever the way, `customer.subscription.created` comes first and shows the status
//! that the call ended with.

use serde_json::{Map, Value, json};
use stripe::{PINNED, tables};

use super::{anchor, billing, discounted, items, object, params, periods, trial};
use crate::{
    customers, invoice_items, prices,
    state::Tx,
    test_clocks, value,
    wire::{Call, Refusal, refusal},
};

/// What stands for `payment_behavior` where a schedule asks: the first invoice waits an
/// hour as a draft, as later ones do.
const SCHEDULED: &str = "_scheduled";

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let behavior = call.text("payment_behavior").unwrap_or("allow_incomplete").to_owned();
    make(tx, call, &behavior, None)
}

/// A schedule begins.
///
/// # Errors
/// As for anybody's request.
pub(crate) fn by_schedule(tx: &mut Tx, params: Map<String, Value>, schedule: &str) -> Result<Value, Refusal> {
    let operation = tables::operation("subscriptions.create")
        .ok_or_else(|| refusal::broken("The tables lack an operation that schedules need."))?;
    let path = operation.path.to_owned();
    let call = Call { operation, ids: Vec::new(), path, params, version: PINNED };
    make(tx, &call, SCHEDULED, Some(schedule))
}

fn make(tx: &mut Tx, call: &Call, behavior: &str, schedule: Option<&str>) -> Result<Value, Refusal> {
    if behavior == "pending_if_incomplete" {
        return Err(refusal::invalid("`pending_if_incomplete` is for updates of a subscription only.")
            .with_param("payment_behavior"));
    }
    let missing = |param: &str| {
        refusal::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(param)
    };
    let customer = call.text("customer").ok_or_else(|| missing("customer"))?;
    let customer = tx.at_param("customer", customer, "customer")?;
    test_clocks::room_for_subscription(tx, &customer)?;
    let given = call.params.get("items").and_then(Value::as_array).filter(|all| !all.is_empty());
    let given = given.ok_or_else(|| missing("items"))?;
    let mut subscription = begin(tx, call, &customer, given)?;
    params::cancel_at(tx, &mut subscription, call)?;
    value::set(&mut subscription, "schedule", value::or_null(schedule));
    tx.put(subscription.clone());
    tx.emit("customer.subscription.created", &subscription);
    let told = tx.last_event();
    discounted::tell(tx, &[], &crate::discounts::ids(&subscription));
    trial::tell_soon(tx, value::id(&subscription));
    let customer_before = tx.seen(&customer);
    customers::use_currency(tx, &customer, value::text(&subscription, "currency").unwrap_or_default())?;
    if let Some(Value::Array(added)) = call.params.get("add_invoice_items") {
        invoice_items::added(tx, &subscription, added, "add_invoice_items")?;
    }
    bill(tx, value::id(&subscription), behavior)?;
    tx.emit_changed("customer.updated", &customer_before, value::id(&customer));
    let done = super::finish(tx, value::id(&subscription));
    tx.retell(&told, value::id(&done));
    Ok(done)
}

/// The subscription with its items, stored; nothing is billed.
fn begin(tx: &mut Tx, call: &Call, customer: &Value, given: &[Value]) -> Result<Value, Refusal> {
    items::bounded(given)?;
    // The first price decides the currency; it is checked as an item below.
    let first = items::price(tx, &given[0], "items[0]")?;
    let currency = billed_in(call, first.as_ref())?;
    let mut subscription = object::fresh(tx, value::id(customer), &currency);
    value::set(&mut subscription, "_busy", true);
    params::fill(tx, &mut subscription, call)?;
    discounted::fill(tx, &mut subscription, call)?;
    billing_mode(&mut subscription, call)?;
    let price = match &first {
        Some(price) => price.clone(),
        None => Value::Null,
    };
    trial::begin(tx, &mut subscription, call, &price)?;
    anchor::begin(tx, &mut subscription, call, &price)?;
    status(&mut subscription);
    for (nth, wanted) in given.iter().enumerate() {
        let known = first.as_ref().filter(|_| nth == 0);
        let mut item = new_item(tx, &subscription, wanted, nth, known)?;
        first_period(tx, &subscription, &mut item)?;
        object::add(tx, &mut subscription, item);
    }
    items::together(tx, &subscription)?;
    object::note_period(tx, &mut subscription);
    Ok(subscription)
}

/// The currency that the request wants, if the first price has it; else the price's own.
fn billed_in(call: &Call, first: Option<&Value>) -> Result<String, Refusal> {
    let own = first.and_then(|price| value::text(price, "currency")).unwrap_or("usd");
    let Some(wanted) = call.text("currency").map(|text| text.to_ascii_lowercase()) else {
        return Ok(own.to_owned());
    };
    if first.is_none_or(|price| prices::in_currency(price, &wanted).is_some()) {
        return Ok(wanted);
    }
    Err(refusal::invalid(format!("The prices are in {own}; `currency` must be the same."))
        .with_param("currency"))
}

/// The billing mode that the request wants.
fn billing_mode(subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(mode) = call.params.get("billing_mode") else { return Ok(()) };
    if mode["flexible"]["proration_discounts"] == "itemized" {
        let place = "billing_mode[flexible][proration_discounts]";
        return Err(refusal::not_here("itemized discounts of prorations").with_param(place));
    }
    if mode["type"] == "classic" {
        subscription["billing_mode"] = json!({"flexible": null, "type": "classic"});
    }
    Ok(())
}

/// The item; an inline price has been made already for the first.
fn new_item(
    tx: &mut Tx,
    subscription: &Value,
    wanted: &Value,
    nth: usize,
    known: Option<&Value>,
) -> Result<Value, Refusal> {
    let at = format!("items[{nth}]");
    let Some(price) = known.filter(|_| wanted.get("price_data").is_some()) else {
        return items::item(tx, subscription, wanted, &at);
    };
    items::check(wanted, &at)?;
    let quantity = items::quantity(wanted, &at)?.unwrap_or(1);
    let mut item = object::fresh_item(tx, value::id(subscription), price, quantity);
    if let Some(given) = wanted.as_object() {
        value::merge_metadata(&mut item, given);
    }
    discounted::fill_item(tx, subscription, &mut item, wanted, &at)?;
    Ok(item)
}

fn status(subscription: &mut Value) {
    let status = if !subscription["trial_end"].is_null() {
        "trialing"
    } else if subscription["collection_method"] == "send_invoice" {
        "active"
    } else {
        "incomplete"
    };
    value::set(subscription, "status", status);
}

/// The item's first period: the trial, or one interval from now.
fn first_period(tx: &mut Tx, subscription: &Value, item: &mut Value) -> Result<(), Refusal> {
    let now = tx.now();
    let price = object::price_of(tx, item);
    let anchor = anchor::base(subscription);
    let end = subscription["trial_end"].as_i64().unwrap_or_else(|| periods::end_after(anchor, &price, now));
    value::set(item, "current_period_start", now);
    value::set(item, "current_period_end", end);
    value::set(item, "_anchor", anchor);
    let free = subscription.get("_free_until").is_some();
    if subscription["trial_end"].is_null() && !free {
        let cost = items::cost(tx, item)?;
        value::set(item, "_billed", cost.amount);
    }
    Ok(())
}

/// The first invoice.
fn bill(tx: &mut Tx, id: &str, behavior: &str) -> Result<(), Refusal> {
    let subscription = tx.at_path("subscription", id)?;
    anchor::bill_past(tx, &subscription)?;
    let all = object::items(tx, &subscription);
    let mut invoice = billing::draft(tx, &subscription, "subscription_create", &all)?;
    if subscription["collection_method"] == "send_invoice" && subscription["status"] != "trialing" {
        super::latest(tx, id, &invoice);
        tx.emit("invoice.created", &invoice);
        return Ok(());
    }
    if behavior == SCHEDULED && subscription["status"] != "trialing" {
        super::latest(tx, id, &invoice);
        tx.emit("invoice.created", &invoice);
        let mut subscription = tx.at_path("subscription", id)?;
        value::set(&mut subscription, "status", "active");
        tx.put(subscription);
        return Ok(());
    }
    let due = value::int(&invoice, "amount_due") > 0;
    if due && behavior != "default_incomplete" && !object::can_be_charged(tx, &subscription) {
        return Err(nothing_to_charge());
    }
    // Later attempts are the customer's to make.
    value::set(&mut invoice, "auto_advance", false);
    value::set(&mut invoice, "automatically_finalizes_at", Value::Null);
    tx.put(invoice.clone());
    super::latest(tx, id, &invoice);
    match billing::issue(tx, invoice, behavior != "default_incomplete")? {
        (_, Some(refused)) if behavior == "error_if_incomplete" => Err(Refusal { leaves: false, ..refused }),
        _ => Ok(()),
    }
}

pub(super) fn nothing_to_charge() -> Refusal {
    refusal::invalid(
        "This customer has no attached payment source or default payment method. Please consider adding a default payment method.",
    )
    .with_code("resource_missing")
}
