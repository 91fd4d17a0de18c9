//! `POST /v1/prices`, and prices that other requests bring along.

use serde_json::{Map, Value, json};

use super::object;
use crate::{
    products,
    state::Tx,
    value,
    versions::Seen,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let product = product(tx, call)?;
    let mut price = object::fresh(tx, &call.params, &product, "")?;
    value::assign(&mut price, &call.params, &["active", "nickname"]);
    value::merge_metadata(&mut price, &call.params);
    object::take_lookup_key(tx, &mut price, call)?;
    tx.put(price.clone());
    tell_created(tx, &price);
    Ok(price)
}

/// A price of a product by these parameters, not stored yet.
///
/// # Errors
/// What is no price.
pub(crate) fn fresh(tx: &mut Tx, params: &Map<String, Value>, product: &str) -> Result<Value, Refusal> {
    object::fresh(tx, params, product, "")
}

fn product(tx: &mut Tx, call: &Call) -> Result<String, Refusal> {
    match (call.text("product"), call.params.get("product_data").and_then(Value::as_object)) {
        (Some(_), Some(_)) => Err(refusal::exclusive("product", "product_data")),
        (Some(id), None) => Ok(value::id(&tx.at_param("product", id, "product")?).to_owned()),
        (None, Some(data)) => Ok(value::id(&products::from_data(tx, data)?).to_owned()),
        (None, None) => Err(refusal::invalid("Missing required param: product.")
            .with_code("parameter_missing")
            .with_param("product")),
    }
}

/// A stored price of inline data. `param` is the data's place in the request; `active`
/// is what Stripe makes of it: a product's default price is, one of a single
/// subscription or invoice item is not. Not told of.
///
/// # Errors
/// As for a price by itself.
pub(crate) fn of_data(
    tx: &mut Tx,
    data: &Value,
    product: &str,
    param: &str,
    active: bool,
) -> Result<Value, Refusal> {
    let empty = Map::new();
    let data = data.as_object().unwrap_or(&empty);
    let mut price = object::fresh(tx, data, product, param)?;
    value::set(&mut price, "active", json!(active));
    value::merge_metadata(&mut price, data);
    tx.put(price.clone());
    Ok(price)
}

/// Tells of a new price; what recurs has a plan, as it was called before, too.
pub(crate) fn tell_created(tx: &mut Tx, price: &Value) {
    if price["recurring"].is_object() {
        let plan = Seen::shown(tx, object::plan_of(price));
        tx.emit_seen("plan.created", &plan, None);
    }
    tx.emit("price.created", price);
}
