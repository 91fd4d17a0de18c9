//! `POST /v1/payouts/{payout}/reverse`: takes back what has arrived, by a payout of the
//! negative amount.

use serde_json::Value;

use super::object;
use crate::{
    balance,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut original = tx.at_path("payout", call.id())?;
    if original["status"] != "paid"
        || !original["reversed_by"].is_null()
        || !original["original_payout"].is_null()
    {
        return Err(refusal::invalid(
            "Only a payout that is paid, and neither a reversal nor reversed, can be reversed.",
        ));
    }
    let amount = value::int(&original, "amount");
    let currency = value::text(&original, "currency").unwrap_or_default().to_owned();
    let arrives = balance::business_day(tx.now());
    let mut back = object::fresh(tx, -amount, &currency, arrives);
    value::merge_metadata(&mut back, &call.params);
    value::set(&mut back, "original_payout", call.id());
    value::set(&mut back, "_leaves_at", tx.now());
    let landed = balance::of_payout(tx, &back, amount, "payout");
    value::set(&mut back, "balance_transaction", landed["id"].clone());
    value::set(&mut original, "reversed_by", back["id"].clone());
    tx.put(back.clone());
    tx.put(original);
    tx.emit("payout.created", &back);
    Ok(back)
}
