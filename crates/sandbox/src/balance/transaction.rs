//! Balance transactions: what a captured charge or a refund does to the balance.
//!
//! Whether one is pending is a matter of the clock, so it is derived when shown.

use serde_json::{Value, json};

use super::fee;
use crate::{state::Tx, value};

const DAY_S: i64 = 86_400;
/// Business days until a card payment is available (Stripe's docs, Payouts: United States).
const BUSINESS_DAYS: u32 = 2;

/// Lands a captured charge on the balance: makes its transaction and names it on the
/// charge, which the caller stores.
pub(crate) fn land(tx: &mut Tx, charge: &mut Value) {
    let now = tx.now();
    let amount = value::int(charge, "amount_captured");
    let fee = fee::of_card(amount, value::text(charge, "currency").unwrap_or_default());
    let card = value::text(charge, "payment_method").and_then(|id| tx.get(id));
    let at_once = card.and_then(|method| value::text(method, "_card")) == Some("bypassPending");
    let available_on = if at_once { now } else { available_on(now) };
    let mut transaction = fresh(tx, charge, amount, available_on);
    let details = json!([{
        "amount": fee,
        "application": null,
        "currency": charge["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }]);
    value::set(&mut transaction, "fee", fee);
    value::set(&mut transaction, "fee_details", details);
    value::set(&mut transaction, "net", amount - fee);
    value::set(charge, "balance_transaction", transaction["id"].clone());
    tx.put(transaction);
}

/// The transaction of a refund: Stripe keeps its fee. It becomes available when the
/// charge's does.
pub(crate) fn of_refund(tx: &mut Tx, refund: &mut Value, charge: &Value) {
    let landed = value::text(charge, "balance_transaction").and_then(|id| tx.get(id));
    let available_on = landed.map_or(0, |t| value::int(t, "available_on")).max(tx.now());
    let transaction = fresh(tx, refund, -value::int(refund, "amount"), available_on);
    value::set(refund, "balance_transaction", transaction["id"].clone());
    tx.put(transaction);
}

/// A transaction without a fee.
fn fresh(tx: &mut Tx, source: &Value, amount: i64, available_on: i64) -> Value {
    let kind = value::text(source, "object").unwrap_or_default();
    let description = match kind {
        "refund" => Value::from("REFUND FOR CHARGE"),
        _ => source["description"].clone(),
    };
    json!({
        "id": tx.ids().object("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": tx.now(),
        "currency": source["currency"],
        "description": description,
        "exchange_rate": null,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    })
}

/// Shows whether the money is there yet.
pub(crate) fn derive(tx: &Tx, shown: &mut Value) {
    let there = value::int(shown, "available_on") <= tx.now();
    value::set(shown, "status", if there { "available" } else { "pending" });
}

/// The first second of the second business day after a moment.
fn available_on(now: i64) -> i64 {
    let mut day = now.div_euclid(DAY_S);
    let mut left = BUSINESS_DAYS;
    while left > 0 {
        day += 1;
        // Day 0 was a Thursday; Sunday is 0 and Saturday 6.
        if (1..=5).contains(&(day + 4).rem_euclid(7)) {
            left -= 1;
        }
    }
    day * DAY_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_comes_on_the_second_business_day() {
        let monday = 1_795_348_800 + DAY_S - 1_795_348_800 % DAY_S;
        assert_eq!((monday / DAY_S + 4) % 7, 1);
        for (day, days) in [(0, 2), (1, 2), (2, 2), (3, 4), (4, 4), (5, 3), (6, 2)] {
            let noon = monday + day * DAY_S + DAY_S / 2;
            assert_eq!(available_on(noon), monday + (day + days) * DAY_S, "day {day} of the week");
        }
    }
}
