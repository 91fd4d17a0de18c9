//! The test bank accounts: numbers, and how a debit of each ends (Stripe's docs, Testing:
//! ACH Direct Debit; SEPA Direct Debit).
//!
//! A debit is never decided at once: the payment is `processing` until the bank has
//! answered on the sandbox's clock.

use super::cards::Decline;

/// How long a bank takes to answer, in seconds (observed in test mode: 15 to 20).
const SOON_S: i64 = 15;
/// How long the accounts take that Stripe's docs call delayed: three minutes.
const LATE_S: i64 = 180;

/// How a debit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    Paid,
    Failed(Decline),
    /// Paid, and disputed at once.
    Disputed,
    /// The bank never answers.
    Never,
}

/// One test account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bank {
    /// `us_bank_account` or `sepa_debit`.
    pub(crate) kind: &'static str,
    /// What follows `pm_usBankAccount_`; empty for accounts that no test id names.
    pub(crate) name: &'static str,
    /// The account number, or the IBAN.
    pub(crate) number: &'static str,
    pub(crate) ends: Ends,
    /// After how many seconds.
    pub(crate) after_s: i64,
}

const fn us(name: &'static str, number: &'static str, ends: Ends) -> Bank {
    Bank { kind: "us_bank_account", name, number, ends, after_s: SOON_S }
}

const fn sepa(number: &'static str, ends: Ends, after_s: i64) -> Bank {
    Bank { kind: "sepa_debit", name: "", number, ends, after_s }
}

const fn failed(code: &'static str, message: &'static str) -> Ends {
    Ends::Failed(Decline { code, decline_code: code, message, param: None, advice: None })
}

const CLOSED: Ends = failed("account_closed", "The customer's bank account has been closed.");
const NONE: Ends = failed("no_account", "The customer's bank account could not be found.");
const EMPTY: Ends =
    failed("insufficient_funds", "The customer's account has insufficient funds to cover this payment.");
const NOT_ALLOWED: Ends = failed(
    "debit_not_authorized",
    "The customer has notified their bank that this payment was unauthorized.",
);
const CURRENCY: Ends =
    failed("payment_method_currency_mismatch", "The bank account's currency is not the one of the payment.");
const LIMIT: Ends = failed(
    "charge_exceeds_source_limit",
    "This payment exceeds the amount that can be taken from this account in a week.",
);
const TRANSACTION: Ends = failed(
    "charge_exceeds_transaction_limit",
    "This payment exceeds the amount that one payment from this account can have.",
);

/// Every account, the plain one of a kind first.
pub(crate) static BANKS: &[Bank] = &[
    us("success", "000123456789", Ends::Paid),
    us("accountClosed", "000111111113", CLOSED),
    us("noAccount", "000111111116", NONE),
    us("insufficientFunds", "000222222227", EMPTY),
    us("debitNotAuthorized", "000333333335", NOT_ALLOWED),
    us("invalidCurrency", "000444444440", CURRENCY),
    us("dispute", "000555555559", Ends::Disputed),
    us("weeklyLimitExceeded", "000777777771", LIMIT),
    us("processing", "000000000009", Ends::Never),
    sepa("AT611904300234573201", Ends::Paid, SOON_S),
    sepa("AT321904300235473204", Ends::Paid, LATE_S),
    sepa(
        "AT861904300235473202",
        failed("payment_method_provider_decline", "The bank refused the debit."),
        SOON_S,
    ),
    sepa(
        "AT051904300235473205",
        failed("payment_method_provider_decline", "The bank refused the debit."),
        LATE_S,
    ),
    sepa("AT591904300235473203", Ends::Disputed, SOON_S),
    sepa("AT981904300000343434", LIMIT, SOON_S),
    sepa("AT601904300000121212", TRANSACTION, SOON_S),
    sepa("AT981904300002222227", EMPTY, SOON_S),
    sepa("IT40S0542811101000000123456", Ends::Paid, SOON_S),
    sepa(
        "IT60X0542811101000000123456",
        failed("payment_method_provider_decline", "The bank refused the debit."),
        SOON_S,
    ),
    sepa("DE89370400440532013000", Ends::Paid, SOON_S),
    sepa("DE08370400440532013003", Ends::Paid, LATE_S),
    sepa(
        "DE62370400440532013001",
        failed("payment_method_provider_decline", "The bank refused the debit."),
        SOON_S,
    ),
];

/// The routing number that Stripe's docs use, of a bank that is none.
pub(crate) const ROUTING_NUMBER: &str = "110000000";

impl Bank {
    /// The account of a test id: `pm_usBankAccount_success`, or `pm_usBankAccount` alone.
    pub(crate) fn of_id(id: &str) -> Option<&'static Self> {
        let rest = id.strip_prefix("pm_usBankAccount")?;
        let name = if rest.is_empty() { "success" } else { rest.strip_prefix('_')? };
        BANKS.iter().find(|bank| bank.kind == "us_bank_account" && bank.name == name)
    }

    /// The account of this number, as people write it.
    pub(crate) fn of_number(kind: &str, number: &str) -> Option<&'static Self> {
        let bare: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
        let bare = bare.to_ascii_uppercase();
        BANKS.iter().find(|bank| bank.kind == kind && bank.number == bare)
    }

    pub(crate) fn last4(&self) -> &'static str {
        &self.number[self.number.len() - 4..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_known_by_its_test_id_and_by_its_number_however_written() {
        let plain = Bank::of_id("pm_usBankAccount_success").unwrap();
        assert_eq!(Bank::of_id("pm_usBankAccount"), Some(plain));
        assert_eq!(Bank::of_number("us_bank_account", "000-123456789"), Some(plain));
        let iban = Bank::of_number("sepa_debit", "at61 1904 3002 3457 3201").unwrap();
        assert_eq!((iban.ends, iban.last4()), (Ends::Paid, "3201"));
        assert!(Bank::of_number("us_bank_account", iban.number).is_none());
        assert!(Bank::of_id("pm_usBankAccount_").is_none() && Bank::of_id("pm_card_visa").is_none());
    }

    #[test]
    fn every_failure_is_a_code_that_stripe_has() {
        for bank in BANKS {
            if let Ends::Failed(decline) = bank.ends {
                let known = stripe::tables::error_codes().any(|code| code == decline.code);
                assert!(known, "{}", decline.code);
            }
        }
    }
}
