//! `DELETE /v1/products/{id}`: only while no price refers to it.

use serde_json::{Value, json};

use crate::{
    state::Tx,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let product = tx.at_path("product", call.id())?;
    if !tx.pointing_at("price", call.id()).is_empty() {
        return Err(refusal::invalid(
            "This product cannot be deleted because it has one or more user-created prices. Archive it with active=false instead.",
        ));
    }
    tx.emit("product.deleted", &product);
    tx.remove(call.id());
    Ok(json!({"id": call.id(), "object": "product", "deleted": true}))
}
