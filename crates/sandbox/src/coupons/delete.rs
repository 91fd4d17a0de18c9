//! `DELETE /v1/coupons/{coupon}`: nobody can redeem it any more; discounts stay.

use serde_json::{Value, json};

use crate::{
    state::Tx,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let coupon = tx.at_path("coupon", call.id())?;
    tx.remove(call.id());
    tx.emit("coupon.deleted", &coupon);
    Ok(json!({"id": call.id(), "object": "coupon", "deleted": true}))
}
