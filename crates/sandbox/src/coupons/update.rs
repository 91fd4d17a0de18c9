//! `POST /v1/coupons/{coupon}`: its name, its metadata, and more currencies. What comes
//! off never changes.

use serde_json::Value;

use super::create;
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("coupon", call.id())?;
    let mut after = before.clone();
    create::name(&mut after, call)?;
    create::options(&mut after, call)?;
    value::merge_metadata(&mut after, &call.params);
    tx.change("coupon.updated", &before, after.clone());
    Ok(after)
}
