//! How an invoice and its customer's balance settle at finalization (Stripe's docs,
//! Customer credit balance; Minimum charge amounts).

/// The result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settled {
    /// What is left to be charged.
    pub(super) due: i64,
    /// The customer's balance from now on; negative is a credit.
    pub(super) balance: i64,
}

/// What can be charged in the invoice's currency, in minor units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payable {
    pub(super) least: i64,
    /// Amounts are multiples of this.
    pub(super) step: i64,
}

/// A total below nothing is a credit; what is too little to charge waits on the
/// balance for the next invoice, and so does what nobody can pay because the currency
/// has no such digits (after a proration, say).
pub(super) fn settle(total: i64, balance: i64, payable: Payable) -> Settled {
    let owed = total.saturating_add(balance);
    let due = nearest(owed, payable.step);
    if total <= 0 || owed <= 0 || due < payable.least {
        Settled { due: 0, balance: owed }
    } else {
        Settled { due, balance: owed - due }
    }
}

/// The nearest multiple, a half rounded up.
fn nearest(amount: i64, step: i64) -> i64 {
    let below = amount - amount.rem_euclid(step);
    if (amount - below).saturating_mul(2) >= step { below.saturating_add(step) } else { below }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USD: Payable = Payable { least: 50, step: 1 };
    const UGX: Payable = Payable { least: 0, step: 100 };
    const KWD: Payable = Payable { least: 0, step: 10 };

    #[test]
    fn nothing_is_lost_between_total_balance_and_due() {
        for payable in [USD, UGX, KWD] {
            for total in [-500, -1, 0, 1, 49, 50, 51, 149, 150, 4200] {
                for balance in [-5000, -4200, -100, -1, 0, 1, 49, 50, 100] {
                    let settled = settle(total, balance, payable);
                    assert_eq!(settled.due + settled.balance, total + balance, "{total} {balance}");
                    assert!(settled.due == 0 || settled.due >= payable.least, "{total} {balance}");
                    assert_eq!(settled.due % payable.step, 0, "{total} {balance}");
                }
            }
        }
    }

    #[test]
    fn a_total_too_small_to_charge_waits_on_the_balance() {
        assert_eq!(settle(49, 0, USD), Settled { due: 0, balance: 49 });
        assert_eq!(settle(50, 0, USD), Settled { due: 50, balance: 0 });
        assert_eq!(settle(1000, -1000, USD), Settled { due: 0, balance: 0 });
        assert_eq!(settle(1000, -400, USD), Settled { due: 600, balance: 0 });
        assert_eq!(settle(-300, 0, USD), Settled { due: 0, balance: -300 });
    }

    #[test]
    fn digits_that_nobody_can_pay_wait_on_the_balance() {
        assert_eq!(settle(12_349, 0, UGX), Settled { due: 12_300, balance: 49 });
        assert_eq!(settle(12_350, 0, UGX), Settled { due: 12_400, balance: -50 });
        assert_eq!(settle(49, 0, UGX), Settled { due: 0, balance: 49 });
        assert_eq!(settle(1_234, 0, KWD), Settled { due: 1_230, balance: 4 });
        assert_eq!(settle(1_235, 1, KWD), Settled { due: 1_240, balance: -4 });
    }
}
