//! What a session sells: prices that there are, or that the request brings.

use serde_json::{Map, Value, json};

use crate::{
    invoice_items::amount,
    prices, products,
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// The most line items of a session (Stripe's API, Checkout).
const ITEMS_MAX: usize = 100;
const KNOWN: &[&str] = &["adjustable_quantity", "metadata", "price", "price_data", "quantity"];

/// Stores the items of a session and returns them.
///
/// # Errors
/// None, too many, or one that cannot be sold in this mode.
pub(super) fn read(tx: &mut Tx, session: &Value, given: &[Value]) -> Result<Vec<Value>, Refusal> {
    if given.is_empty() || given.len() > ITEMS_MAX {
        return Err(
            refusal::invalid(format!("A session has 1 to {ITEMS_MAX} line items.")).with_param("line_items")
        );
    }
    let subscribes = session["mode"] == "subscription";
    let mut items: Vec<Value> = Vec::new();
    let mut recurs = false;
    for (nth, one) in given.iter().enumerate() {
        let at = format!("line_items[{nth}]");
        let price = price(tx, one, &at)?;
        recurs |= price["recurring"].is_object();
        if price["recurring"].is_object() && !subscribes {
            return Err(refusal::invalid(
                "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
            )
            .with_param(&format!("{at}[price]")));
        }
        let item = item(tx, session, one, &price, &at)?;
        if items.first().is_some_and(|first| first["currency"] != item["currency"]) {
            return Err(refusal::invalid("All line items of a session have one currency.")
                .with_param(&format!("{at}[price]")));
        }
        tx.put(item.clone());
        items.push(item);
    }
    if subscribes && !recurs {
        return Err(refusal::invalid(
            "When `mode` is `subscription`, at least one line item must have a recurring price.",
        )
        .with_param("line_items"));
    }
    Ok(items)
}

fn item(tx: &mut Tx, session: &Value, given: &Value, price: &Value, at: &str) -> Result<Value, Refusal> {
    let quantity = given.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    if quantity < 0 || (given.get("quantity").is_none() && session["mode"] == "payment") {
        let place = format!("{at}[quantity]");
        let missing = given.get("quantity").is_none();
        let why = if missing {
            format!("Missing required param: {place}.")
        } else {
            format!("Invalid quantity: {quantity}")
        };
        return Err(refusal::invalid(why)
            .with_code(if missing { "parameter_missing" } else { "parameter_invalid_integer" })
            .with_param(&place));
    }
    let unit = value::text(price, "unit_amount_decimal").unwrap_or("0");
    let cost =
        amount::of_units(unit, quantity).map_err(|refused| refused.with_param(&format!("{at}[price]")))?;
    let product = value::text(price, "product").and_then(|id| tx.get(id)).cloned();
    let adjustable = given.get("adjustable_quantity");
    let mut item = json!({
        "id": tx.ids().object("li"),
        "object": "item",
        "adjustable_quantity": adjustable.map(|given| value::complete(given, &["enabled", "maximum", "minimum"])),
        "amount_discount": 0,
        "amount_subtotal": cost.amount,
        "amount_tax": 0,
        "amount_total": cost.amount,
        "currency": price["currency"],
        "description": products::name_of(product.as_ref()),
        "metadata": {},
        "quantity": quantity,
        "_price": price["id"],
        "_session": session["id"],
    });
    value::merge_metadata(&mut item, given.as_object().unwrap_or(&Map::new()));
    Ok(item)
}

/// The price of an item. An inline one brings its product, if it names none.
fn price(tx: &mut Tx, given: &Value, at: &str) -> Result<Value, Refusal> {
    let empty = Map::new();
    let names = given.as_object().unwrap_or(&empty).iter();
    if let Some((name, _)) = names
        .into_iter()
        .find(|(name, v)| !KNOWN.contains(&name.as_str()) && v.as_array().is_none_or(|all| !all.is_empty()))
    {
        let place = format!("{at}[{name}]");
        return Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(&place));
    }
    match (value::text(given, "price"), given.get("price_data")) {
        (Some(_), Some(_)) => Err(refusal::exclusive(&format!("{at}[price]"), &format!("{at}[price_data]"))),
        (Some(id), None) => {
            let place = format!("{at}[price]");
            let price = tx.at_param("price", id, &place)?;
            let kind = value::text(&price, "type").unwrap_or_default().to_owned();
            prices::usable(tx, id, &kind, &place)
        }
        (None, Some(data)) => brought(tx, data, &format!("{at}[price_data]")),
        (None, None) => Err(refusal::invalid(format!("Missing required param: {at}[price]."))
            .with_code("parameter_missing")
            .with_param(&format!("{at}[price]"))),
    }
}

fn brought(tx: &mut Tx, data: &Value, at: &str) -> Result<Value, Refusal> {
    let product = match (value::text(data, "product"), data.get("product_data").and_then(Value::as_object)) {
        (Some(_), Some(_)) => {
            return Err(refusal::exclusive(&format!("{at}[product]"), &format!("{at}[product_data]")));
        }
        (Some(id), None) => tx.at_param("product", id, &format!("{at}[product]"))?,
        (None, Some(data)) => products::from_data(tx, data)?,
        (None, None) => {
            return Err(refusal::invalid(format!("Missing required param: {at}[product_data]."))
                .with_code("parameter_missing")
                .with_param(&format!("{at}[product_data]")));
        }
    };
    let price = prices::of_data(tx, data, value::id(&product), at, false)?;
    prices::tell_created(tx, &price);
    Ok(price)
}

/// Adds the price to a shown item.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    let price = value::text(stored, "_price").and_then(|id| tx.get(id)).map(|price| render(tx, price));
    value::set(shown, "price", price);
}
