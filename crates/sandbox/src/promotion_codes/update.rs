//! `POST /v1/promotion_codes/{promotion_code}`: on, off, metadata, more currencies.

use serde_json::Value;

use super::{create, object};
use crate::{
    coupons,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("promotion_code", call.id())?;
    let mut after = before.clone();
    if let Some(active) = call.flag("active") {
        if active {
            can_be_activated(tx, &before)?;
        }
        value::set(&mut after, "active", active);
    }
    if let Some(Value::Object(given)) = call.params.get("restrictions") {
        create::options(&mut after["restrictions"], given)?;
    }
    value::merge_metadata(&mut after, &call.params);
    tx.change("promotion_code.updated", &before, after.clone());
    Ok(after)
}

fn can_be_activated(tx: &Tx, code: &Value) -> Result<(), Refusal> {
    let coupon = value::text(&code["promotion"], "coupon").and_then(|id| tx.find("coupon", id));
    if !coupon.is_some_and(|coupon| coupons::is_valid(tx, coupon)) || !object::has_room(tx, code) {
        return Err(refusal::invalid(
            "This promotion code cannot be activated: it or its coupon has expired, was redeemed as often as it can be, or is gone.",
        )
        .with_param("active"));
    }
    let word = value::text(code, "code").unwrap_or_default();
    object::free(tx, word, value::text(code, "customer"), Some(value::id(code)))
}
