//! `POST /v1/prices/{price}`: everything but what it asks for.

use serde_json::Value;

use super::object;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("price", call.id())?;
    let mut after = before.clone();
    value::assign(&mut after, &call.params, &["active", "nickname"]);
    value::merge_metadata(&mut after, &call.params);
    if let Some(behavior) = call.text("tax_behavior") {
        let own = value::text(&before, "tax_behavior").unwrap_or("unspecified");
        if own != "unspecified" && own != behavior {
            return Err(refusal::invalid(format!(
                "The tax behavior of this price is {own}; once it is exclusive or inclusive it cannot be changed."
            ))
            .with_param("tax_behavior"));
        }
        value::set(&mut after, "tax_behavior", behavior);
    }
    object::take_lookup_key(tx, &mut after, call)?;
    tx.change("price.updated", &before, after.clone());
    Ok(after)
}
