//! Money: minor units and a currency. No float touches it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Currency;

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
}
