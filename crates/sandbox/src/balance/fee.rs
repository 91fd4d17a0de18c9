//! What Stripe keeps of a payment in the United States. Integers only.
//!
//! Cards: 2.9 % and 30 cents, the sum rounded half up (recorded). Debits of bank
//! accounts: 0.8 %, at most five units of the currency (Stripe's pricing page; not
//! recorded). Bank transfers: the same. A dispute: 15 units.

use model::Currency;

/// The fee on an amount, both in minor units. Recorded for USD; in other currencies
/// the same percentage and the same 30 hundredths of the currency's unit.
pub(super) fn of_card(amount: i64, currency: &str) -> i64 {
    (amount * 29 + 500).div_euclid(1000) + hundredths(30, currency)
}

/// The fee on a debit or a transfer.
pub(super) fn of_bank(amount: i64, currency: &str) -> i64 {
    ((amount * 8 + 500).div_euclid(1000)).min(hundredths(500, currency))
}

/// The fee on a dispute.
pub(super) fn of_dispute(currency: &str) -> i64 {
    hundredths(1500, currency)
}

/// So many hundredths of the currency's unit, in minor units; in currencies without
/// decimals as many units, which are worth about as much as cents.
fn hundredths(count: i64, currency: &str) -> i64 {
    match Currency::parse(currency).map_or(2, Currency::exponent) {
        3 => count * 10,
        _ => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fees_that_stripe_took_are_reproduced() {
        for (amount, fee) in [
            (950, 58),
            (1_000, 59),
            (1_900, 85),
            (2_250, 95),
            (2_500, 103),
            (2_900, 114),
            (22_500, 683),
            (25_000, 755),
        ] {
            assert_eq!(of_card(amount, "usd"), fee, "{amount}");
        }
        assert_eq!(of_card(1_000, "jpy"), 59);
        assert_eq!(of_card(10_000, "kwd"), 590);
    }

    #[test]
    fn the_fee_on_a_debit_has_a_most() {
        assert_eq!((of_bank(10_000, "usd"), of_bank(1_000_000, "usd")), (80, 500));
        assert_eq!((of_dispute("usd"), of_dispute("kwd")), (1500, 15_000));
    }
}
