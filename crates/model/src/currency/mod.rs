//! Stripe's currencies, and what can be charged in each.
//!
//! The one table that templates, actions and the sandbox read. What surprises: an amount
//! is always a whole number of minor units, but not every whole number can be paid.

mod table;

use std::fmt;

use serde::{Deserialize, Serialize};
use table::{Row, TABLE};

/// A currency that Stripe knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static Row);

/// Money that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// No such currency at Stripe.
    #[error("`{0}` is not a currency Stripe knows; use a three-letter code such as `usd`")]
    UnknownCurrency(String),
}

impl Currency {
    /// The currency of this three-letter code, in either case.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let lower = text.to_ascii_lowercase();
        let found = TABLE.binary_search_by(|row| row.code.cmp(&lower));
        match found {
            Ok(at) => Ok(Self(&TABLE[at])),
            Err(_) => Err(MoneyError::UnknownCurrency(text.chars().take(16).collect())),
        }
    }

    /// Every currency, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(Self)
    }

    /// The code, lower case as Stripe writes it.
    pub fn as_str(self) -> &'static str {
        self.0.code
    }

    /// How many digits after the point one minor unit stands for: 2 for `usd`, 0
    /// for `jpy`, 3 for `kwd`.
    pub fn exponent(self) -> u32 {
        self.0.exponent
    }

    /// What an amount to be charged or refunded must be a multiple of, in minor units:
    /// 10 for `kwd`, 100 for `isk` and `ugx`, else 1.
    pub fn step(self) -> i64 {
        self.0.step
    }

    /// What a payout's amount must be a multiple of, in minor units: also 100 for `huf`
    /// and `twd`, which are charged in hundredths and paid out whole.
    pub fn payout_step(self) -> i64 {
        self.0.payout_step
    }

    /// The least that can be charged into a bank account of this currency, in minor
    /// units; `None` where Stripe names no minimum.
    pub fn least_charge(self) -> Option<i64> {
        (self.0.least > 0).then_some(self.0.least)
    }

    /// The most that can be charged by any payment method, in minor units: eight digits,
    /// more for `idr`, `cop` and `inr`. Some card networks take more (the page on
    /// currencies), which the API reference does not promise.
    pub fn most_charge(self) -> i64 {
        10_i64.pow(self.0.digits) - 1
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn every_currency_is_found_by_its_code_and_only_once() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} {}", pair[0].code, pair[1].code);
        }
        for currency in Currency::all() {
            assert_eq!(Currency::parse(&currency.as_str().to_ascii_uppercase()), Ok(currency));
            assert_eq!(currency.as_str().len(), 3);
        }
    }

    #[test]
    fn an_unknown_currency_is_refused() {
        for text in ["", "usdollar", "us", "xxx", "usdc", "eek"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn stripes_special_cases_are_not_isos() {
        for (code, exponent, step, payout_step) in [
            ("usd", 2, 1, 1),
            ("jpy", 0, 1, 1),
            ("mga", 0, 1, 1),
            ("kwd", 3, 10, 10),
            ("tnd", 3, 10, 10),
            ("isk", 2, 100, 100),
            ("ugx", 2, 100, 100),
            ("huf", 2, 1, 100),
            ("twd", 2, 1, 100),
        ] {
            let currency = of(code);
            let got = (currency.exponent(), currency.step(), currency.payout_step());
            assert_eq!(got, (exponent, step, payout_step), "{code}");
        }
        let zero: Vec<_> = Currency::all().filter(|c| c.exponent() == 0).map(Currency::as_str).collect();
        assert_eq!(zero.join(" "), "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf");
        let three: Vec<_> = Currency::all().filter(|c| c.exponent() == 3).map(Currency::as_str).collect();
        assert_eq!(three.join(" "), "bhd jod kwd omr tnd");
    }

    #[test]
    fn what_can_be_charged_at_all_can_be_charged_to_the_least_and_the_most() {
        for currency in Currency::all() {
            let least = currency.least_charge().unwrap_or(currency.step());
            assert!(least % currency.step() == 0 && least <= currency.most_charge(), "{currency}");
        }
        for (code, least, most) in [
            ("usd", Some(50), 99_999_999),
            ("gbp", Some(30), 99_999_999),
            ("jpy", Some(50), 99_999_999),
            ("huf", Some(17_500), 99_999_999),
            ("kwd", None, 99_999_999),
            ("idr", Some(50), 999_999_999_999),
            ("cop", Some(50), 9_999_999_999),
            ("inr", Some(50), 999_999_999),
        ] {
            assert_eq!((of(code).least_charge(), of(code).most_charge()), (least, most), "{code}");
        }
    }
}
