//! What tax rates make of a line. Pure.
//!
//! Taxes are reckoned on what discounts have left, line by line and rate by rate, and each
//! is rounded by itself. A tax that is inside the price is a part of it; one that is not is
//! added to what is left of the price without the taxes inside.

use crate::percent::Percent;

/// A tax rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) id: String,
    pub(crate) percent: Percent,
    pub(crate) inclusive: bool,
}

/// One tax on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tax {
    pub(crate) rate: String,
    pub(crate) inclusive: bool,
    pub(crate) amount: i64,
    /// What it is a percentage of.
    pub(crate) taxable: i64,
}

/// The taxes on an amount that discounts have been taken off.
pub(crate) fn apply(amount: i64, rates: &[Rate]) -> Vec<Tax> {
    let inside = rates.iter().filter(|rate| rate.inclusive);
    let all = inside.clone().fold(Percent::ZERO, |sum, rate| sum.and(rate.percent));
    let contained: i64 = inside.map(|rate| rate.percent.inside(amount, all)).sum();
    let taxable = amount - contained;
    let tax = |rate: &Rate| Tax {
        rate: rate.id.clone(),
        inclusive: rate.inclusive,
        amount: if rate.inclusive { rate.percent.inside(amount, all) } else { rate.percent.of(taxable) },
        taxable,
    };
    rates.iter().map(tax).collect()
}

/// The taxes that are inside the price, together.
pub(crate) fn inclusive(taxes: &[Tax]) -> i64 {
    taxes.iter().filter(|tax| tax.inclusive).map(|tax| tax.amount).sum()
}

/// The taxes that come on top, together.
pub(crate) fn exclusive(taxes: &[Tax]) -> i64 {
    taxes.iter().filter(|tax| !tax.inclusive).map(|tax| tax.amount).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn rate(percent: impl Into<Value>, inclusive: bool) -> Rate {
        Rate { id: "txr_1".to_owned(), percent: Percent::read(&percent.into()).unwrap(), inclusive }
    }

    fn amounts(amount: i64, rates: &[Rate]) -> Vec<(i64, i64)> {
        apply(amount, rates).iter().map(|tax| (tax.amount, tax.taxable)).collect()
    }

    #[test]
    fn a_tax_is_on_top_or_inside() {
        assert_eq!(amounts(10_000, &[rate(20, false)]), [(2000, 10_000)]);
        assert_eq!(amounts(12_000, &[rate(20, true)]), [(2000, 10_000)]);
        assert_eq!(amounts(10_000, &[rate(8.875, false)]), [(888, 10_000)]);
        assert_eq!(amounts(43, &[rate(15, false)]), [(6, 43)]);
        assert_eq!(amounts(484, &[rate(15, false)]), [(73, 484)]);
        assert_eq!(amounts(0, &[rate(20, true), rate(5, false)]), [(0, 0), (0, 0)]);
    }

    #[test]
    fn several_taxes_stand_side_by_side() {
        assert_eq!(amounts(11_500, &[rate(5, true), rate(10, true)]), [(500, 10_000), (1000, 10_000)]);
        assert_eq!(amounts(12_000, &[rate(20, true), rate(10, false)]), [(2000, 10_000), (1000, 10_000)]);
        assert_eq!(amounts(10_000, &[]), []);
    }

    proptest! {
        #[test]
        fn a_credit_has_the_taxes_of_its_charge_turned_around(
            amount in 0..1_000_000_000_i64,
            percents in prop::collection::vec((0..1_000_000_u32, any::<bool>()), 0..4),
        ) {
            let read = |(ten_thousandths, inclusive): &(u32, bool)| {
                let number: Value =
                    serde_json::from_str(&format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000))
                        .unwrap();
                rate(number, *inclusive)
            };
            let rates: Vec<Rate> = percents.iter().map(read).collect();
            let (charge, credit) = (apply(amount, &rates), apply(-amount, &rates));
            for (one, other) in charge.iter().zip(&credit) {
                prop_assert_eq!((one.amount, one.taxable), (-other.amount, -other.taxable));
                prop_assert!(one.amount >= 0);
            }
            prop_assert_eq!(charge.first().map_or(amount, |tax| tax.taxable), amount - inclusive(&charge));
            prop_assert_eq!(exclusive(&charge), -exclusive(&credit));
        }
    }
}
