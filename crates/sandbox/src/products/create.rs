//! `POST /v1/products`: optionally under an id of the caller's, optionally with its
//! first price.

use serde_json::{Map, Value, json};

use super::object;
use crate::{
    prices,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut product = made(tx, &call.params)?;
    tx.put(product.clone());
    let price = match call.params.get("default_price_data") {
        None => None,
        Some(data) => {
            let param = "default_price_data";
            let price = prices::of_data(tx, data, value::id(&product), param, true)?;
            value::set(&mut product, "default_price", value::id(&price));
            tx.put(product.clone());
            Some(price)
        }
    };
    tx.emit("product.created", &product);
    if let Some(price) = price {
        prices::tell_created(tx, &price);
    }
    Ok(product)
}

/// Makes the product that a price brings along, and tells of it.
///
/// # Errors
/// Its id is taken.
pub(crate) fn from_data(tx: &mut Tx, data: &Map<String, Value>) -> Result<Value, Refusal> {
    let product = made(tx, data)?;
    tx.put(product.clone());
    tx.emit("product.created", &product);
    Ok(product)
}

fn made(tx: &mut Tx, params: &Map<String, Value>) -> Result<Value, Refusal> {
    let id = match params.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        None => tx.ids().object("prod"),
        Some(id) if tx.get(id).is_some() => {
            return Err(refusal::invalid(format!("Product already exists: {}", short(id)))
                .with_code("resource_already_exists")
                .with_param("id"));
        }
        Some(id) if id.len() > 255 || !id.chars().all(|c| c.is_ascii_graphic() && c != '/') => {
            return Err(
                refusal::invalid("Invalid id: at most 255 printable characters, no slash").with_param("id")
            );
        }
        Some(id) => id.to_owned(),
    };
    let mut product = object::fresh(tx, &id);
    object::fill(&mut product, params)?;
    if let Some(kind) = params.get("type") {
        value::set(&mut product, "type", kind.clone());
    }
    value::set(&mut product, "updated", json!(tx.now()));
    Ok(product)
}

fn short(id: &str) -> String {
    id.chars().take(200).collect()
}
