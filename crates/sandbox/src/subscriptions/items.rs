//! Items as requests name them: by a price, by inline data, by the old name `plan`.

use serde_json::Value;

use super::{discounted, object};
use crate::{
    invoice_items::amount,
    prices,
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// The most items, flexible and classic (Stripe's docs, Flexible billing mode).
const ITEMS_MAX: (usize, usize) = (100, 20);
const QUANTITY_MAX: i64 = 999_999_999;

/// Parameters of an item that the sandbox does not have.
const LACKS: &[&str] = &["billing_thresholds", "clear_usage", "current_trial"];

/// Refuses a list that is too long in any mode, before anything is made of it.
pub(super) fn bounded(given: &[Value]) -> Result<(), Refusal> {
    counted(given.len(), ITEMS_MAX.0)
}

fn counted(items: usize, most: usize) -> Result<(), Refusal> {
    if (1..=most).contains(&items) {
        return Ok(());
    }
    Err(refusal::invalid(format!(
        "A subscription must have at least one item and at most {most}. Cancel it instead of removing the last."
    ))
    .with_param("items"))
}

/// Refuses what a subscription cannot be made of: no items, too many, or in classic mode
/// several intervals.
pub(super) fn together(tx: &Tx, subscription: &Value) -> Result<(), Refusal> {
    let all = object::items(tx, subscription);
    let classic = object::is_classic(subscription);
    counted(all.len(), if classic { ITEMS_MAX.1 } else { ITEMS_MAX.0 })?;
    let of = |item: &Value| {
        let recurring = object::price_of(tx, item)["recurring"].take();
        (recurring["interval"].clone(), recurring["interval_count"].clone())
    };
    if classic && all.windows(2).any(|pair| of(&pair[0]) != of(&pair[1])) {
        return Err(refusal::invalid(
            "All prices of a subscription in classic billing mode must have the same interval. Use billing_mode[type]=flexible to mix them.",
        )
        .with_param("items"));
    }
    Ok(())
}

/// Refuses what the sandbox does not have. `at` is the item's place, `items[0]`; empty
/// when the request is about one item.
pub(super) fn check(given: &Value, at: &str) -> Result<(), Refusal> {
    match LACKS.iter().find(|name| given.get(**name).is_some_and(|v| !value::clears(v))) {
        Some(name) => {
            let place = place(at, name);
            Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(&place))
        }
        None => Ok(()),
    }
}

pub(super) fn place(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}[{name}]") }
}

/// The recurring price that an item names; `None` when it names none.
///
/// # Errors
/// Two of them, or one that cannot be subscribed to.
pub(crate) fn price(tx: &mut Tx, given: &Value, at: &str) -> Result<Option<Value>, Refusal> {
    let names: Vec<&str> =
        ["price", "price_data", "plan"].into_iter().filter(|name| given.get(*name).is_some()).collect();
    if let [first, second, ..] = names[..] {
        return Err(refusal::exclusive(&place(at, first), &place(at, second)));
    }
    let Some(name) = names.first() else { return Ok(None) };
    let param = place(at, name);
    if let Some(id) = given[*name].as_str() {
        return prices::usable(tx, id, "recurring", &param).map(Some);
    }
    let product = value::text(&given[*name], "product").unwrap_or_default();
    let product = value::id(&tx.at_param("product", product, &place(&param, "product"))?).to_owned();
    let price = prices::of_data(tx, &given[*name], &product, &param, false)?;
    prices::tell_created(tx, &price);
    Ok(Some(price))
}

/// The quantity that an item names.
///
/// # Errors
/// Negative or beyond counting.
pub(crate) fn quantity(given: &Value, at: &str) -> Result<Option<i64>, Refusal> {
    let Some(wanted) = given.get("quantity") else { return Ok(None) };
    match wanted.as_i64().filter(|n| (0..=QUANTITY_MAX).contains(n)) {
        Some(n) => Ok(Some(n)),
        None => Err(refusal::invalid(format!("Invalid non-negative integer: {wanted}"))
            .with_code("parameter_invalid_integer")
            .with_param(&place(at, "quantity"))),
    }
}

/// A new item as the request describes it, not in its subscription yet.
///
/// # Errors
/// No price, or a price of another currency.
pub(super) fn item(tx: &mut Tx, subscription: &Value, given: &Value, at: &str) -> Result<Value, Refusal> {
    check(given, at)?;
    let Some(price) = price(tx, given, at)? else {
        let param = place(at, "price");
        return Err(refusal::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(&param));
    };
    same_currency(subscription, &price, at)?;
    let quantity = quantity(given, at)?.unwrap_or(1);
    let mut item = object::fresh_item(tx, value::id(subscription), &price, quantity);
    if let Some(params) = given.as_object() {
        value::merge_metadata(&mut item, params);
    }
    discounted::fill_item(tx, subscription, &mut item, given, at)?;
    Ok(item)
}

/// Refuses a price of another currency than the subscription's.
pub(super) fn same_currency(subscription: &Value, price: &Value, at: &str) -> Result<(), Refusal> {
    let currency = value::text(subscription, "currency").unwrap_or_default();
    if prices::in_currency(price, currency).is_some() {
        return Ok(());
    }
    Err(refusal::invalid(format!(
        "The price is in {}, but the subscription is in {}. All items of a subscription have one currency.",
        value::text(price, "currency").unwrap_or_default(),
        value::text(subscription, "currency").unwrap_or_default()
    ))
    .with_param(&place(at, "price")))
}

/// What an item costs for a whole period.
///
/// # Errors
/// More than an amount can be.
pub(super) fn cost(tx: &Tx, item: &Value) -> Result<amount::Cost, Refusal> {
    let price = object::price_of(tx, item);
    let own = value::text(&price, "currency").unwrap_or_default();
    prices::cost(&price, value::int(item, "quantity"), value::text(item, "_currency").unwrap_or(own))
}
