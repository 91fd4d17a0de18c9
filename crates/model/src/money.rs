//! Money: minor units and a currency. No float touches it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency that Stripe knows, lower case as Stripe writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

/// Money that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// No such currency at Stripe.
    #[error("`{0}` is not a currency Stripe knows; use a three-letter code such as `usd`")]
    UnknownCurrency(String),
}

/// Stripe's currencies by the number of digits after the point that a minor unit
/// stands for. Not ISO's: Stripe counts ISK and UGX in hundredths.
/// Source: Stripe's page on supported currencies (docs.stripe.com/currencies).
const TWO_DECIMALS: &[&str] = &[
    "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn", "bmd",
    "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf", "chf", "cny", "cop", "crc", "cve", "czk",
    "dkk", "dop", "dzd", "egp", "etb", "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd", "gtq", "gyd", "hkd",
    "hnl", "hrk", "htg", "huf", "idr", "ils", "inr", "isk", "jmd", "kes", "kgs", "khr", "kyd", "kzt", "lak",
    "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mkd", "mmk", "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr",
    "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "pab", "pen", "pgk", "php", "pkr", "pln", "qar", "ron",
    "rsd", "rub", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl", "thb", "tjs",
    "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "usd", "uyu", "uzs", "wst", "xcd", "yer", "zar", "zmw",
];
const ZERO_DECIMALS: &[&str] = &[
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
];
const THREE_DECIMALS: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

impl Currency {
    /// The currency of this three-letter code, in either case.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let lower = text.to_ascii_lowercase();
        [TWO_DECIMALS, ZERO_DECIMALS, THREE_DECIMALS]
            .into_iter()
            .flatten()
            .find(|code| **code == lower)
            .map(|code| Self(code))
            .ok_or_else(|| MoneyError::UnknownCurrency(text.chars().take(16).collect()))
    }

    /// The code, lower case as Stripe writes it.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// How many digits after the point one minor unit stands for: 2 for `usd`, 0
    /// for `jpy`, 3 for `kwd`.
    pub fn exponent(self) -> u32 {
        if ZERO_DECIMALS.contains(&self.0) {
            0
        } else if THREE_DECIMALS.contains(&self.0) {
            3
        } else {
            2
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

/// A sum of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units: 1999 is 19.99 in `usd` and 1999 in `jpy`.
    pub minor: i64,
    /// Of this currency.
    pub currency: Currency,
}

impl fmt::Display for Amount {
    /// Exact decimal digits and the upper-case code: `19.99 USD`, `1999 JPY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent() as usize;
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if exponent == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction} {}", self.currency.as_str().to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_shows_the_digits_of_its_currency() {
        let show = |minor, code| Amount { minor, currency: Currency::parse(code).unwrap() }.to_string();
        assert_eq!(show(1999, "usd"), "19.99 USD");
        assert_eq!(show(5, "usd"), "0.05 USD");
        assert_eq!(show(-5, "USD"), "-0.05 USD");
        assert_eq!(show(1999, "jpy"), "1999 JPY");
        assert_eq!(show(1990, "kwd"), "1.990 KWD");
        assert_eq!(show(i64::MIN, "isk"), "-92233720368547758.08 ISK");
    }

    #[test]
    fn an_unknown_currency_is_refused() {
        assert!(Currency::parse("usdollar").is_err());
        assert!(Currency::parse("").is_err());
    }
}
