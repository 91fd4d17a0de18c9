//! `POST /v1/products/{id}`.

use serde_json::{Value, json};

use super::object;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("product", call.id())?;
    let mut after = before.clone();
    object::fill(&mut after, &call.params)?;
    if let Some(id) = call.text("default_price") {
        let price = tx.at_param("price", id, "default_price")?;
        if value::text(&price, "product") != Some(call.id()) {
            return Err(refusal::invalid(
                "The price specified as `default_price` belongs to another product. Make a price of this product first.",
            )
            .with_param("default_price"));
        }
        value::set(&mut after, "default_price", id);
    }
    if after != before {
        value::set(&mut after, "updated", json!(tx.now()));
    }
    tx.change("product.updated", &before, after.clone());
    Ok(after)
}
