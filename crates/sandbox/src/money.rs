//! Amounts of money as requests give them: what one payment can be at least and at
//! most, and which last digits a currency has.
//!
//! What surprises: in a three-decimal currency the last digit must be 0, and ISK and
//! UGX have hundredths on the wire that nobody can pay (Stripe's docs, Currencies).

use model::{Amount, Currency};
use serde_json::Value;

use crate::{
    currency,
    wire::{Refusal, refusal},
};

/// An amount that one payment can have.
///
/// # Errors
/// No positive whole number, digits that the currency does not have, too small, or
/// too large.
pub(crate) fn chargeable(given: &Value, currency: &str, param: &str) -> Result<i64, Refusal> {
    let amount = positive(given, param)?;
    let least = currency::least_charge(currency);
    if amount < least {
        return Err(refusal::invalid(format!("Amount must be at least {}", shown(least, currency)))
            .with_code("amount_too_small")
            .with_param(param));
    }
    not_too_large(amount, currency, param)?;
    payable(amount, currency, param)?;
    Ok(amount)
}

/// A whole number of at least 1.
///
/// # Errors
/// 400 `parameter_invalid_integer`; `amount_too_large` for what is no number here.
pub(crate) fn positive(given: &Value, param: &str) -> Result<i64, Refusal> {
    let Some(amount) = given.as_i64() else {
        return Err(refusal::invalid(format!("Invalid {param}: {given}; it has too many digits"))
            .with_code("amount_too_large")
            .with_param(param));
    };
    if amount < 1 {
        return Err(wrong_digits("This value must be greater than or equal to 1.".to_owned(), param));
    }
    Ok(amount)
}

/// A whole number of at least 1 and of at most twelve digits, which is what Stripe takes
/// where an amount is no payment (Stripe's API, Prices).
///
/// # Errors
/// 400 `parameter_invalid_integer`.
pub(crate) fn amount(given: &Value, param: &str) -> Result<i64, Refusal> {
    let amount = positive(given, param)?;
    if amount > 999_999_999_999 {
        let why = format!("Invalid {param}: {amount}; an amount has at most 12 digits");
        return Err(wrong_digits(why, param));
    }
    Ok(amount)
}

/// Whether an amount of either sign has only digits that its currency has.
///
/// # Errors
/// 400 `parameter_invalid_integer`.
pub(crate) fn payable(amount: i64, currency: &str, param: &str) -> Result<(), Refusal> {
    let (step, code) = (currency::step(currency), currency.to_ascii_uppercase());
    if amount % step == 0 {
        return Ok(());
    }
    let message = match step {
        100 => format!(
            "Invalid amount. Currency {code} has become effectively zero-decimal and charged amounts must be evenly divisible by 100. See https://stripe.com/docs/currencies#zero-decimal for more information."
        ),
        _ => format!("Invalid {param}: {amount}. The last digit of an amount in {code} must be 0."),
    };
    Err(wrong_digits(message, param))
}

/// Whether one payment can be so much.
///
/// # Errors
/// 400 `amount_too_large`.
pub(crate) fn not_too_large(amount: i64, currency: &str, param: &str) -> Result<(), Refusal> {
    let most = currency::most_charge(currency);
    if amount <= most {
        return Ok(());
    }
    Err(refusal::invalid(format!("Amount must be no more than {}", shown(most, currency)))
        .with_code("amount_too_large")
        .with_param(param))
}

fn wrong_digits(message: String, param: &str) -> Refusal {
    refusal::invalid(message).with_code("parameter_invalid_integer").with_param(param)
}

/// An amount as people read it.
pub(crate) fn shown(minor: i64, currency: &str) -> String {
    match Currency::parse(currency) {
        Ok(currency) => Amount { minor, currency }.to_string(),
        Err(_) => format!("{minor} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(amount: impl Into<Value>, currency: &str) -> String {
        match chargeable(&amount.into(), currency, "amount") {
            Ok(_) => "ok".to_owned(),
            Err(refused) => {
                assert_eq!((refused.status, &refused.error["param"]), (400, &json!("amount")));
                refused.error["code"].as_str().unwrap().to_owned()
            }
        }
    }

    #[test]
    fn a_payment_has_the_least_and_the_most_of_its_currency() {
        for (currency, least) in [("usd", 50), ("gbp", 30), ("jpy", 50), ("huf", 17_500), ("mxn", 1_000)] {
            assert_eq!(code(least, currency), "ok", "{currency}");
            assert_eq!(code(least - 1, currency), "amount_too_small", "{currency}");
        }
        for (currency, most) in [("usd", 99_999_999), ("inr", 999_999_999), ("idr", 999_999_999_999_i64)] {
            assert_eq!(code(most, currency), "ok", "{currency}");
            assert_eq!(code(most + 1, currency), "amount_too_large", "{currency}");
        }
        assert_eq!(code(1, "clp"), "ok", "Stripe names no minimum");
        for wrong in [0, -50] {
            assert_eq!(code(wrong, "usd"), "parameter_invalid_integer");
        }
        assert_eq!(code("99999999999999999999", "usd"), "amount_too_large");
    }

    #[test]
    fn digits_that_a_currency_does_not_have_are_refused() {
        for (amount, currency, wanted) in [
            (1230, "kwd", "ok"),
            (1234, "kwd", "parameter_invalid_integer"),
            (1001, "bhd", "parameter_invalid_integer"),
            (1001, "usd", "ok"),
            (1001, "jpy", "ok"),
            (10_000, "isk", "ok"),
            (10_050, "isk", "parameter_invalid_integer"),
        ] {
            assert_eq!(code(amount, currency), wanted, "{amount} {currency}");
        }
        assert!(payable(-1230, "tnd", "amount").is_ok() && payable(-1234, "tnd", "amount").is_err());
    }
}
