//! Percentages, and parts of amounts, in whole numbers only.
//!
//! A percentage is read from the digits of its JSON number, so that 8.875 is 8.875 and no
//! neighbour of it. Half a minor unit is rounded away from zero on both sides of zero:
//! what is charged and what undoes it cancel out exactly.

use serde_json::Value;

/// One percent.
const ONE: i64 = 10_000;

/// A percentage of at most four decimal places (Stripe's docs, Tax rates).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Percent(i64);

impl Percent {
    /// The whole.
    pub(crate) const HUNDRED: Self = Self(100 * ONE);
    /// Nothing.
    pub(crate) const ZERO: Self = Self(0);

    /// The percentage that a JSON number says; `None` for what is negative, larger than a
    /// thousand, or has more than four places.
    pub(crate) fn read(given: &Value) -> Option<Self> {
        let text = given.as_number()?.to_string();
        let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
        let places = places.trim_end_matches('0');
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || places.len() > 4 || !digits(whole) || !digits(places) {
            return None;
        }
        format!("{whole}{places:0<4}").parse().ok().map(Self)
    }

    /// So much of an amount.
    pub(crate) fn of(self, amount: i64) -> i64 {
        part(amount, self.0, Self::HUNDRED.0)
    }

    /// How much of an amount is this tax when taxes of `all` percent together are in it.
    pub(crate) fn inside(self, amount: i64, all: Self) -> i64 {
        part(amount, self.0, Self::HUNDRED.0.saturating_add(all.0))
    }

    /// Two percentages together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// `amount × of ÷ whole`, half a unit rounded away from zero; nothing of nothing.
pub(crate) fn part(amount: i64, of: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (all, whole) = (i128::from(amount) * i128::from(of), i128::from(whole));
    let half = if all < 0 { -whole / 2 } else { whole / 2 };
    i64::try_from((all + half) / whole).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn percent(given: Value) -> Percent {
        Percent::read(&given).unwrap()
    }

    #[test]
    fn digits_are_read_and_never_approximated() {
        assert_eq!(percent(json!(8.875)), Percent(88_750));
        assert_eq!(percent(json!(20)), percent(json!(20.0)));
        assert_eq!(percent(json!(33.3333)), Percent(333_333));
        assert_eq!(percent(json!(0)), Percent::ZERO);
        assert_eq!(percent(json!(100)), Percent::HUNDRED);
        for wrong in [json!(-1), json!(1.23456), json!(1000), json!("5"), json!(null), json!(1e300)] {
            assert_eq!(Percent::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn half_a_unit_goes_away_from_zero() {
        assert_eq!((percent(json!(50)).of(1), percent(json!(50)).of(-1)), (1, -1));
        assert_eq!(percent(json!(8.875)).of(10_000), 888);
        assert_eq!(percent(json!(19)).inside(11_900, percent(json!(19))), 1900);
        assert_eq!((part(7, 1, 0), part(999_999_999_999, 1, 3)), (0, 333_333_333_333));
    }

    proptest! {
        #[test]
        fn a_part_is_between_nothing_and_the_whole_and_turns_with_its_sign(
            amount in 0..1_000_000_000_000_i64, ten_thousandths in 0..=1_000_000_i64,
        ) {
            let percent = Percent(ten_thousandths);
            prop_assert!((0..=amount).contains(&percent.of(amount)));
            prop_assert_eq!(percent.of(-amount), -percent.of(amount));
            prop_assert_eq!(percent.inside(-amount, percent), -percent.inside(amount, percent));
            prop_assert!(percent.inside(amount, percent) <= percent.of(amount));
        }
    }
}
