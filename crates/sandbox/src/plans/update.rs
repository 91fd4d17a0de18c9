//! `POST /v1/plans/{plan}`: everything but what it asks for; also its product and its
//! trial, which a price cannot change.

use serde_json::Value;

use super::object;
use crate::{
    prices,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = object::at_path(tx, call.id())?;
    let mut after = before.clone();
    value::assign(&mut after, &call.params, &["active", "nickname"]);
    value::merge_metadata(&mut after, &call.params);
    if let Some(product) = call.text("product") {
        let product = tx.at_param("product", product, "product")?;
        value::set(&mut after, "product", value::id(&product));
    }
    if let Some(days) = call.int("trial_period_days") {
        if !(0..=730).contains(&days) {
            let why = format!("Invalid trial_period_days: {days}; it must be between 0 and 730");
            return Err(refusal::invalid(why).with_param("trial_period_days"));
        }
        value::set(&mut after["recurring"], "trial_period_days", days);
    }
    prices::tell_updated(tx, &before, after.clone());
    Ok(prices::plan_of(&after))
}
