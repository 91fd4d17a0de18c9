//! `POST /v1/prices/{price}`: everything but what it asks for.

use serde_json::Value;

use super::{object, terms};
use crate::{
    state::Tx,
    value,
    versions::Seen,
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
    options(&mut after, call)?;
    tell_updated(tx, &before, after.clone());
    Ok(after)
}

/// Writes the terms in other currencies; those that the request does not name stay, and
/// the empty string clears all.
fn options(price: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(given) = call.params.get("currency_options") else { return Ok(()) };
    let tiered = price["billing_scheme"] == "tiered";
    let own = value::text(price, "currency").unwrap_or_default();
    let mut all = match value::clears(given) {
        true => serde_json::Map::new(),
        false => price.get("_options").and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    all.extend(terms::options(given, own, "", tiered)?);
    value::set(price, "_options", all);
    Ok(())
}

/// Stores a changed price and tells of it; what recurs was a plan before, and is one still.
pub(crate) fn tell_updated(tx: &mut Tx, before: &Value, after: Value) {
    if after["recurring"].is_object() {
        let (had, has) = (object::plan_of(before), object::plan_of(&after));
        if had != has {
            let (had, has) = (Seen::shown(tx, had), Seen::shown(tx, has));
            tx.emit_seen("plan.updated", &has, Some(&had));
        }
    }
    tx.change("price.updated", before, after);
}
