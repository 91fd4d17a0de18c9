//! `POST /v1/payouts`: sends available money to the account's bank.

use serde_json::Value;

use super::object;
use crate::{
    balance, currency, money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

const DAY_S: i64 = 86_400;
/// An instant payout arrives within half an hour (Stripe's docs, Instant Payouts).
const INSTANT_S: i64 = 1800;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let currency = currency::parse(call.text("currency").unwrap_or_default())?;
    let amount = money::positive(call.params.get("amount").unwrap_or(&Value::Null), "amount")?;
    money::payable(amount, &currency, "amount")?;
    money::not_too_large(amount, &currency, "amount")?;
    if let Some(other) = call.text("source_type").filter(|kind| *kind != "card") {
        return Err(refusal::invalid(format!("This account has no balance of the source type {other}."))
            .with_code("balance_insufficient")
            .with_param("source_type"));
    }
    let available = balance::available(tx, &currency);
    if amount > available {
        return Err(refusal::invalid(format!(
            "You have insufficient funds in your Stripe account. One likely reason is that you have insufficient available funds ({}); money of charges is pending for two business days, and that of pm_card_bypassPending is not.",
            money::shown(available.max(0), &currency)
        ))
        .with_code("balance_insufficient")
        .with_param("amount"));
    }
    let instant = call.text("method") == Some("instant");
    let arrives = if instant { tx.now() + INSTANT_S } else { balance::business_day(tx.now()) };
    let mut payout = object::fresh(tx, amount, &currency, arrives);
    value::assign(&mut payout, &call.params, &["description", "method", "statement_descriptor"]);
    value::merge_metadata(&mut payout, &call.params);
    value::set(&mut payout, "_leaves_at", leaves(tx.now(), arrives));
    let taken = balance::of_payout(tx, &payout, -amount, "payout");
    value::set(&mut payout, "balance_transaction", taken["id"].clone());
    tx.put(payout.clone());
    tx.emit("payout.created", &payout);
    Ok(payout)
}

/// The next midnight, when the banks take what has gathered; at the latest with the
/// arrival.
fn leaves(now: i64, arrives: i64) -> i64 {
    ((now / DAY_S + 1) * DAY_S).min(arrives)
}
