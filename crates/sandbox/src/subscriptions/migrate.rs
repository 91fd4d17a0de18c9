//! `POST /v1/subscriptions/{subscription}/migrate`: from classic to flexible billing, and
//! never back.

use serde_json::{Value, json};

use super::object;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("subscription", call.id())?;
    if object::is_over(&before) || !object::is_classic(&before) {
        let why =
            if object::is_over(&before) { "it is over" } else { "its billing mode is flexible already" };
        return Err(refusal::invalid(format!(
            "This subscription cannot be migrated: {why}. Nothing was changed."
        ))
        .with_param("billing_mode"));
    }
    let mut after = before.clone();
    let given = call.params.get("billing_mode").and_then(|mode| mode.get("flexible"));
    let discounts = given.and_then(|f| value::text(f, "proration_discounts")).unwrap_or("included");
    let mode = json!({
        "flexible": {"proration_discounts": discounts}, "type": "flexible", "updated_at": tx.now(),
    });
    value::set(&mut after, "billing_mode", mode);
    tx.change("customer.subscription.updated", &before, after.clone());
    Ok(after)
}
