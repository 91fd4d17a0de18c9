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

/// A total below nothing is a credit; what is too little to charge waits on the
/// balance for the next invoice.
pub(super) fn settle(total: i64, balance: i64, minimum: i64) -> Settled {
    let due = total.saturating_add(balance);
    if total <= 0 || due <= 0 || due < minimum {
        Settled { due: 0, balance: due }
    } else {
        Settled { due, balance: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_total_balance_and_due() {
        for total in [-500, -1, 0, 1, 49, 50, 51, 4200] {
            for balance in [-5000, -4200, -100, -1, 0, 1, 49, 50, 100] {
                let settled = settle(total, balance, 50);
                assert_eq!(settled.due + settled.balance, total + balance, "{total} {balance}");
                assert!(settled.due == 0 || settled.due >= 50, "{total} {balance}");
            }
        }
    }

    #[test]
    fn a_total_too_small_to_charge_waits_on_the_balance() {
        assert_eq!(settle(49, 0, 50), Settled { due: 0, balance: 49 });
        assert_eq!(settle(50, 0, 50), Settled { due: 50, balance: 0 });
        assert_eq!(settle(1000, -1000, 50), Settled { due: 0, balance: 0 });
        assert_eq!(settle(1000, -400, 50), Settled { due: 600, balance: 0 });
        assert_eq!(settle(-300, 0, 50), Settled { due: 0, balance: -300 });
    }
}
