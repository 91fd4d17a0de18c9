//! What discounts take off lines. Pure.
//!
//! A line's own discounts come first, then those of the whole, each in its order, and each
//! of what the ones before it have left (Stripe's docs, Coupons, Stack discounts). An
//! amount off the whole is shared out among its lines by what is left of them. A line never
//! falls below nothing, and nothing is taken off in a sum that its lines do not show.

use crate::percent::{Percent, part};

/// What one discount takes, in the currency of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The discount's id.
    pub(crate) discount: String,
    pub(crate) off: Off,
    /// The products that it is for; every one when there is none.
    pub(crate) products: Option<Vec<String>>,
}

/// How much comes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Off {
    Percent(Percent),
    Amount(i64),
}

/// A line as discounts see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Priced {
    pub(crate) amount: i64,
    pub(crate) discountable: bool,
    pub(crate) product: Option<String>,
    /// The line's own discounts.
    pub(crate) own: Vec<Cut>,
}

/// What came off a line, by discount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) own: Vec<(String, i64)>,
    pub(crate) of_whole: Vec<(String, i64)>,
}

impl Taken {
    /// By all discounts, in the order in which they took.
    pub(crate) fn all(&self) -> impl Iterator<Item = &(String, i64)> {
        self.own.iter().chain(&self.of_whole)
    }

    /// By the line's own discounts together.
    pub(crate) fn by_own(&self) -> i64 {
        self.own.iter().map(|(_, amount)| amount).sum()
    }

    /// By all together.
    pub(crate) fn sum(&self) -> i64 {
        self.all().map(|(_, amount)| amount).sum()
    }
}

impl Cut {
    fn concerns(&self, line: &Priced) -> bool {
        let named = |products: &Vec<String>| line.product.as_ref().is_some_and(|one| products.contains(one));
        line.discountable && self.products.as_ref().is_none_or(named)
    }
}

/// What comes off each line, in their order.
pub(crate) fn apply(lines: &[Priced], whole: &[Cut]) -> Vec<Taken> {
    let mut taken = vec![Taken::default(); lines.len()];
    for (line, taken) in lines.iter().zip(&mut taken) {
        let mut left = line.amount;
        for cut in line.own.iter().filter(|cut| cut.concerns(line)) {
            let amount = off_one(cut.off, left);
            left -= amount;
            taken.own.push((cut.discount.clone(), amount));
        }
    }
    for cut in whole {
        let concerned: Vec<usize> = (0..lines.len()).filter(|nth| cut.concerns(&lines[*nth])).collect();
        let left: Vec<i64> = concerned.iter().map(|nth| lines[*nth].amount - taken[*nth].sum()).collect();
        for (nth, amount) in concerned.into_iter().zip(off_many(cut.off, &left)) {
            taken[nth].of_whole.push((cut.discount.clone(), amount));
        }
    }
    taken
}

fn off_one(off: Off, left: i64) -> i64 {
    match off {
        Off::Percent(percent) => percent.of(left),
        Off::Amount(amount) => amount.min(left).max(0),
    }
}

fn off_many(off: Off, left: &[i64]) -> Vec<i64> {
    match off {
        Off::Percent(percent) => left.iter().map(|left| percent.of(*left)).collect(),
        Off::Amount(amount) => shared(amount, left),
    }
}

/// Shares an amount out by what is left of each, so that no unit is lost: each gets what
/// the sum up to it amounts to, less what those before it got.
fn shared(amount: i64, left: &[i64]) -> Vec<i64> {
    let positive = |left: &i64| (*left).max(0);
    let whole: i64 = left.iter().map(positive).fold(0, i64::saturating_add);
    let amount = amount.min(whole).max(0);
    let (mut upto, mut given) = (0_i64, 0_i64);
    let mut share = |left: &i64| {
        upto = upto.saturating_add(positive(left));
        let due = part(amount, upto, whole);
        let own = due - given;
        given = due;
        own
    };
    left.iter().map(&mut share).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn percent(of: u32) -> Off {
        Off::Percent(Percent::read(&json!(of)).unwrap())
    }

    fn cut(discount: &str, off: Off) -> Cut {
        Cut { discount: discount.to_owned(), off, products: None }
    }

    fn line(amount: i64, own: Vec<Cut>) -> Priced {
        Priced { amount, discountable: true, product: Some("prod_1".to_owned()), own }
    }

    fn sums(lines: &[Priced], whole: &[Cut]) -> Vec<i64> {
        apply(lines, whole).iter().map(Taken::sum).collect()
    }

    #[test]
    fn each_discount_takes_of_what_the_ones_before_it_left() {
        let stacked = [cut("a", percent(20)), cut("b", Off::Amount(500))];
        assert_eq!(sums(&[line(10_000, vec![])], &stacked), [2500]);
        let turned = [cut("b", Off::Amount(500)), cut("a", percent(20))];
        assert_eq!(sums(&[line(10_000, vec![])], &turned), [2400]);
        let own = vec![cut("own", percent(50))];
        let taken = apply(&[line(10_000, own)], &[cut("all", percent(10))]);
        assert_eq!(taken[0].own, [("own".to_owned(), 5000)]);
        assert_eq!(taken[0].of_whole, [("all".to_owned(), 500)]);
    }

    #[test]
    fn an_amount_off_the_whole_is_shared_out_to_the_last_unit() {
        let lines = [line(333, vec![]), line(333, vec![]), line(334, vec![])];
        assert_eq!(sums(&lines, &[cut("a", Off::Amount(100))]), [33, 34, 33]);
        assert_eq!(sums(&lines, &[cut("a", Off::Amount(5000))]), [333, 333, 334], "and never more");
    }

    #[test]
    fn only_what_is_discountable_and_meant_is_discounted() {
        let mut fixed = line(1000, vec![cut("own", percent(10))]);
        fixed.discountable = false;
        let mut other = line(1000, vec![]);
        other.product = Some("prod_2".to_owned());
        let mut none = line(1000, vec![]);
        none.product = None;
        let for_one = Cut { products: Some(vec!["prod_1".to_owned()]), ..cut("a", Off::Amount(300)) };
        assert_eq!(sums(&[fixed, other, none, line(1000, vec![])], &[for_one]), [0, 0, 0, 300]);
        assert_eq!(sums(&[line(-1000, vec![]), line(500, vec![])], &[cut("a", Off::Amount(300))]), [0, 300]);
        assert_eq!(sums(&[line(-1000, vec![])], &[cut("a", percent(10))]), [-100]);
    }

    prop_compose! {
        fn any_cut()(kind in 0..2, percents in 1..=100_u32, amount in 1..10_000_i64, id in 0..4) -> Cut {
            cut(&format!("di_{id}"), if kind == 0 { percent(percents) } else { Off::Amount(amount) })
        }
    }

    proptest! {
        #[test]
        fn no_line_falls_below_nothing_and_an_amount_comes_off_whole(
            amounts in prop::collection::vec((0..100_000_i64, prop::collection::vec(any_cut(), 0..3)), 0..6),
            whole in prop::collection::vec(any_cut(), 0..4),
            off in 0..1_000_000_i64,
        ) {
            let lines: Vec<Priced> = amounts.into_iter().map(|(amount, own)| line(amount, own)).collect();
            for (line, taken) in lines.iter().zip(apply(&lines, &whole)) {
                prop_assert!((0..=line.amount).contains(&taken.sum()), "{line:?} {taken:?}");
                prop_assert!(taken.all().all(|(_, amount)| *amount >= 0));
            }
            let left: i64 = lines.iter().zip(apply(&lines, &[])).map(|(line, taken)| line.amount - taken.sum()).sum();
            let taken: i64 = apply(&lines, &[cut("last", Off::Amount(off))]).iter()
                .flat_map(|taken| &taken.of_whole).map(|(_, amount)| amount).sum();
            prop_assert_eq!(taken, off.min(left));
        }
    }
}
