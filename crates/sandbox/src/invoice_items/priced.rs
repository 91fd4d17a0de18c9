//! What an item costs by a price: one that exists, or one that the request brings.

use serde_json::{Value, json};

use super::amount::{self, Cost};
use crate::{
    currency, prices,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The cost by `pricing[price]` or `price_data`, and its currency; `None` when the
/// request names neither.
///
/// # Errors
/// Two ways of saying what it costs, or a price that cannot be used for one payment.
pub(super) fn cost(tx: &mut Tx, call: &Call, quantity: i64) -> Result<Option<(Cost, String)>, Refusal> {
    let named = call.params.get("pricing").and_then(|p| value::text(p, "price")).map(str::to_owned);
    let given: Vec<&str> = ["amount", "unit_amount_decimal", "pricing", "price_data"]
        .into_iter()
        .filter(|name| call.has(name))
        .collect();
    if let ([first, second, ..], true) = (&given[..], call.has("pricing") || call.has("price_data")) {
        return Err(refusal::exclusive(first, second));
    }
    let price = match (named, call.params.get("price_data")) {
        (Some(id), _) => prices::usable(tx, &id, "one_time", "pricing[price]")?,
        (None, Some(data)) => brought(tx, data)?,
        (None, None) => return Ok(None),
    };
    let quantity = amount::quantity(call, quantity)?;
    let currency = billed_in(call, &price)?;
    Ok(Some((prices::cost(&price, quantity, &currency)?, currency)))
}

/// The currency that the request wants, if the price has it; else the price's own.
fn billed_in(call: &Call, price: &Value) -> Result<String, Refusal> {
    let own = value::text(price, "currency").unwrap_or_default();
    let wanted = call.text("currency").map(currency::parse).transpose()?;
    Ok(wanted.filter(|wanted| prices::in_currency(price, wanted).is_some()).unwrap_or_else(|| own.to_owned()))
}

/// The price of inline data. It is told of, and archived from the start.
fn brought(tx: &mut Tx, data: &Value) -> Result<Value, Refusal> {
    let product = value::text(data, "product").unwrap_or_default();
    let product = value::id(&tx.at_param("product", product, "price_data[product]")?).to_owned();
    let price = prices::of_data(tx, data, &product, "price_data", false)?;
    prices::tell_created(tx, &price);
    Ok(price)
}

/// What another quantity of an item costs: by its price, else by its unit amount.
pub(super) fn again(tx: &Tx, item: &Value, quantity: i64) -> Result<Cost, Refusal> {
    let pricing = &item["pricing"];
    let price = value::text(&pricing["price_details"], "price").and_then(|id| tx.get(id));
    match (price, value::text(pricing, "unit_amount_decimal")) {
        (Some(price), _) => prices::cost(price, quantity, value::text(item, "currency").unwrap_or_default()),
        (None, unit) => amount::of_units(unit.unwrap_or("0"), quantity),
    }
}

/// What a line's `pricing` says of its price.
pub(crate) fn details(price: &Value) -> Value {
    json!({"price": price["id"], "product": price["product"]})
}
