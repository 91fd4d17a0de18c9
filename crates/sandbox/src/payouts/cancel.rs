//! `POST /v1/payouts/{payout}/cancel`: before it has left.

use serde_json::Value;

use crate::{
    balance,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut payout = tx.at_path("payout", call.id())?;
    if payout["status"] != "pending" {
        return Err(refusal::invalid(format!(
            "Payouts can only be canceled while they are pending; this one is {}.",
            value::text(&payout, "status").unwrap_or_default()
        )));
    }
    let back = balance::of_payout(tx, &payout, value::int(&payout, "amount"), "payout_cancel");
    value::set(&mut payout, "status", "canceled");
    value::set(&mut payout, "failure_balance_transaction", back["id"].clone());
    tx.put(payout.clone());
    tx.emit("payout.canceled", &payout);
    Ok(payout)
}
