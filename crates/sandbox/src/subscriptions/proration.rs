//! Prorations: a credit for the time that is not used, a debit for what takes its
//! place (Stripe's docs, Prorations).
//!
//! A credit is a part of what was really billed for the period, not of what the item
//! costs now, so a change that was never billed is never credited. In classic billing it
//! is a part of what the item costs, billed or not (Stripe's docs, Flexible billing mode).
//! Both are less what discounts take (Stripe's docs, Prorations, Discounts), and carry the
//! item's tax rates.
//! Both are rounded the same way, half away from zero: a change and its undoing cancel
//! out exactly.

use serde_json::Value;

use super::{billing, discounted, items, object, periods};
use crate::{invoice_items, state::Tx, value, wire::Refusal};

/// Credits what was billed for the rest of the item's period. The item is as it was.
pub(super) fn credit(tx: &mut Tx, subscription: &Value, item: &Value, at: i64) -> Result<(), Refusal> {
    let classic = object::is_classic(subscription);
    let whole = if classic { items::cost(tx, item)?.amount } else { value::int(item, "_billed") };
    let (whole, _) = discounted::net(tx, subscription, item, whole);
    let amount = -share(tx, whole, item, at);
    write(tx, subscription, item, at, amount, "Unused time on")
}

/// Debits what the item costs for the rest of its period.
pub(super) fn debit(tx: &mut Tx, subscription: &Value, item: &Value, at: i64) -> Result<(), Refusal> {
    let (whole, _) = discounted::net(tx, subscription, item, items::cost(tx, item)?.amount);
    let amount = share(tx, whole, item, at);
    write(tx, subscription, item, at, amount, "Remaining time on")
}

/// The part of an amount for a whole period that falls on the rest of the present one.
fn share(tx: &Tx, amount: i64, item: &Value, at: i64) -> i64 {
    let (start, end) = (value::int(item, "current_period_start"), value::int(item, "current_period_end"));
    part(amount, end - at.clamp(start, end), periods::whole_of(tx, item))
}

/// So much of an amount, a half rounded away from zero.
pub(super) fn part(amount: i64, rest: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (all, whole) = (i128::from(amount) * i128::from(rest), i128::from(whole));
    let half = if all < 0 { -whole / 2 } else { whole / 2 };
    i64::try_from((all + half) / whole).unwrap_or(amount)
}

fn write(
    tx: &mut Tx,
    subscription: &Value,
    item: &Value,
    at: i64,
    amount: i64,
    what: &str,
) -> Result<(), Refusal> {
    if amount == 0 {
        return Ok(());
    }
    let mut cost = items::cost(tx, item)?;
    cost.amount = amount;
    let quantity = value::int(item, "quantity");
    let times = if quantity == 1 { String::new() } else { format!("{quantity} × ") };
    let (name, day) = (billing::product_name(tx, item), periods::day(at));
    let description = format!("{what} {times}{name} after {day}");
    let end = value::int(item, "current_period_end");
    invoice_items::prorated(tx, subscription, item, &cost, &description, (at, end));
    Ok(())
}

/// Puts an item that joins in the middle of its period there; nothing of it is billed.
pub(super) fn join_period(tx: &Tx, item: &mut Value, anchor: i64) {
    let price = object::price_of(tx, item);
    value::set(item, "_anchor", anchor);
    value::set(item, "current_period_start", periods::start_before(anchor, &price, tx.now()));
    value::set(item, "current_period_end", periods::end_after(anchor, &price, tx.now()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::part;

    #[test]
    fn half_is_rounded_away_from_zero_on_both_sides() {
        assert_eq!((part(1, 1, 2), part(-1, 1, 2)), (1, -1));
        assert_eq!((part(1000, 15, 30), part(1000, 0, 30), part(1000, 30, 30)), (500, 0, 1000));
        assert_eq!(part(999_999_999_999, i64::MAX / 2, i64::MAX), 499_999_999_999);
    }

    proptest! {
        #[test]
        fn a_credit_is_the_debit_turned_around_and_never_more_than_the_whole(
            amount in 0..1_000_000_000_000_i64, whole in 1..100_000_000_i64, rest in 0..100_000_000_i64,
        ) {
            let rest = rest.min(whole);
            prop_assert_eq!(part(-amount, rest, whole), -part(amount, rest, whole));
            prop_assert!((0..=amount).contains(&part(amount, rest, whole)));
        }
    }
}
