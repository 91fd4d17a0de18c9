//! Balance transactions: what a captured charge, a refund, a dispute or a payout does to
//! the balance.
//!
//! Whether one is pending is a matter of the clock, so it is derived when shown.

use serde_json::{Value, json};

use super::fee;
use crate::{state::Tx, value};

const DAY_S: i64 = 86_400;
/// Business days until a card payment is available (Stripe's docs, Payouts: United States).
const BUSINESS_DAYS: u32 = 2;

/// A change of the balance to be recorded.
#[derive(Debug, Clone)]
struct Change<'a> {
    /// What caused it, and whose currency it is in.
    source: &'a Value,
    amount: i64,
    kind: &'a str,
    category: &'a str,
    description: Value,
    available_on: i64,
    /// What Stripe keeps, and what it calls that.
    fee: Option<(i64, &'a str)>,
}

/// Lands a captured charge on the balance: makes its transaction and names it on the
/// charge, which the caller stores.
pub(crate) fn land(tx: &mut Tx, charge: &mut Value) {
    let now = tx.now();
    let amount = value::int(charge, "amount_captured");
    let currency = value::text(charge, "currency").unwrap_or_default();
    let by_card = is_card(charge);
    let fee = if by_card { fee::of_card(amount, currency) } else { fee::of_bank(amount, currency) };
    let card = value::text(charge, "payment_method").and_then(|id| tx.get(id));
    let at_once = card.and_then(|method| value::text(method, "_card")) == Some("bypassPending");
    let change = Change {
        source: charge,
        amount,
        kind: if by_card { "charge" } else { "payment" },
        category: "charge",
        description: charge["description"].clone(),
        available_on: if at_once { now } else { available_on(now) },
        fee: Some((fee, "Stripe processing fees")),
    };
    let made = record(tx, &change);
    value::set(charge, "balance_transaction", made["id"].clone());
}

fn is_card(charge: &Value) -> bool {
    charge["payment_method_details"]["type"] == "card"
}

/// The transaction of a refund: Stripe keeps its fee. It becomes available when the
/// charge's does.
pub(crate) fn of_refund(tx: &mut Tx, refund: &mut Value, charge: &Value) {
    let by_card = is_card(charge);
    let change = Change {
        source: refund,
        amount: -value::int(refund, "amount"),
        kind: if by_card { "refund" } else { "payment_refund" },
        category: "refund",
        description: "REFUND FOR CHARGE".into(),
        available_on: with_charge(tx, charge),
        fee: None,
    };
    let made = record(tx, &change);
    value::set(refund, "balance_transaction", made["id"].clone());
}

/// When what happens to a charge is available: not before its own money is.
fn with_charge(tx: &Tx, charge: &Value) -> i64 {
    let landed = value::text(charge, "balance_transaction").and_then(|id| tx.get(id));
    landed.map_or(0, |landed| value::int(landed, "available_on")).max(tx.now())
}

/// The money of a refund that failed comes back.
pub(crate) fn of_failed_refund(tx: &mut Tx, refund: &mut Value, charge: &Value) {
    let change = Change {
        source: refund,
        amount: value::int(refund, "amount"),
        kind: if is_card(charge) { "refund_failure" } else { "payment_failure_refund" },
        category: "refund_failure",
        description: "REFUND FAILURE".into(),
        available_on: with_charge(tx, charge),
        fee: None,
    };
    let made = record(tx, &change);
    value::set(refund, "failure_balance_transaction", made["id"].clone());
}

/// What a dispute does to the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disputed {
    /// The amount is taken, and a fee with it.
    Withdrawn,
    /// The amount comes back; the fee does not.
    Reinstated,
}

/// The transaction of a dispute, as the dispute shows it.
pub(crate) fn of_dispute(tx: &mut Tx, dispute: &Value, what: Disputed) -> Value {
    let amount = value::int(dispute, "amount");
    let fee = fee::of_dispute(value::text(dispute, "currency").unwrap_or_default());
    let withdrawn = what == Disputed::Withdrawn;
    let change = Change {
        source: dispute,
        amount: if withdrawn { -amount } else { amount },
        kind: "adjustment",
        category: if withdrawn { "dispute" } else { "dispute_reversal" },
        description: Value::from(if withdrawn { "Chargeback withdrawal" } else { "Chargeback reversal" }),
        available_on: tx.now(),
        fee: withdrawn.then_some((fee, "Dispute fee")),
    };
    let mut made = record(tx, &change);
    value::set(&mut made, "status", "available");
    made
}

/// The transaction of a payout, or of one that came back.
pub(crate) fn of_payout(tx: &mut Tx, payout: &Value, amount: i64, kind: &str) -> Value {
    let change = Change {
        source: payout,
        amount,
        kind,
        category: kind,
        description: payout["description"].clone(),
        available_on: tx.now(),
        fee: None,
    };
    record(tx, &change)
}

/// Stores a transaction.
fn record(tx: &mut Tx, change: &Change<'_>) -> Value {
    let currency = &change.source["currency"];
    let fee = change.fee.map_or(0, |(fee, _)| fee);
    let details = change.fee.map(|(fee, called)| {
        json!({
            "amount": fee, "application": null, "currency": currency, "description": called, "type": "stripe_fee",
        })
    });
    let made = json!({
        "id": tx.ids().object("txn"),
        "object": "balance_transaction",
        "amount": change.amount,
        "available_on": change.available_on,
        "balance_type": "payments",
        "created": tx.now(),
        "currency": currency,
        "description": change.description,
        "exchange_rate": null,
        "fee": fee,
        "fee_details": details.into_iter().collect::<Vec<_>>(),
        "net": change.amount - fee,
        "reporting_category": change.category,
        "source": change.source["id"],
        "status": "pending",
        "type": change.kind,
    });
    tx.put(made.clone());
    made
}

/// Shows whether the money is there yet.
pub(crate) fn derive(tx: &Tx, shown: &mut Value) {
    let there = value::int(shown, "available_on") <= tx.now();
    value::set(shown, "status", if there { "available" } else { "pending" });
}

/// The first second of the second business day after a moment.
pub(crate) fn available_on(now: i64) -> i64 {
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
