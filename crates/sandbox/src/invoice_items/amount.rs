//! What an item costs: an amount, or a unit amount and a quantity. Integers only.

use serde_json::Value;

use crate::wire::{Call, Refusal, refusal};

/// The most digits of an amount (Stripe's API, Invoices: twelve).
const AMOUNT_MAX: i64 = 999_999_999_999;
/// Decimal places of a unit amount (Stripe's API, Invoice items: twelve).
const PLACES: usize = 12;

/// An item's price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) amount: i64,
    pub(crate) quantity: i64,
    /// What one costs; none when that depends on how many there are.
    pub(crate) unit_amount_decimal: Option<String>,
    /// Price and product, null when there is no price.
    pub(crate) details: Value,
}

/// The cost that the parameters give; `None` when they give none.
///
/// # Errors
/// Both an amount and a unit amount, a negative quantity, or too much.
pub(super) fn cost(call: &Call, quantity_before: i64) -> Result<Option<Cost>, Refusal> {
    if call.has("amount") && call.has("unit_amount_decimal") {
        return Err(refusal::exclusive("amount", "unit_amount_decimal"));
    }
    let quantity = self::quantity(call, quantity_before)?;
    if let Some(given) = call.params.get("amount") {
        let amount = given.as_i64().ok_or_else(|| too_large(given, "amount"))?;
        let unit = quotient(amount, quantity.max(1));
        return bounded(
            Cost { amount, quantity, unit_amount_decimal: Some(unit), details: Value::Null },
            "amount",
        )
        .map(Some);
    }
    let Some(text) = call.text("unit_amount_decimal") else { return Ok(None) };
    of_units(text, quantity).map(Some)
}

/// The quantity that the request gives, else the one before.
///
/// # Errors
/// A negative one.
pub(super) fn quantity(call: &Call, before: i64) -> Result<i64, Refusal> {
    let quantity = call.int("quantity").unwrap_or(before);
    if quantity < 0 {
        return Err(refusal::invalid(format!("Invalid quantity: {quantity}; it cannot be negative"))
            .with_code("parameter_invalid_integer")
            .with_param("quantity"));
    }
    Ok(quantity)
}

/// The cost of so many units.
pub(crate) fn of_units(unit: &str, quantity: i64) -> Result<Cost, Refusal> {
    let param = "unit_amount_decimal";
    let wrong = || {
        refusal::invalid(format!("Invalid decimal: {unit}; at most {PLACES} decimal places"))
            .with_param(param)
    };
    let scaled = scaled(unit).ok_or_else(wrong)?;
    let all = scaled.checked_mul(i128::from(quantity));
    let mut cost = of_sum(all, quantity)?;
    cost.unit_amount_decimal = Some(decimal(scaled));
    Ok(cost)
}

/// The cost of so many that is this sum times 10^12; `None` is beyond counting.
///
/// # Errors
/// More than an amount can be.
pub(crate) fn of_sum(sum: Option<i128>, quantity: i64) -> Result<Cost, Refusal> {
    let param = "unit_amount_decimal";
    let beyond = || too_large(&Value::from("the sum"), param);
    let sum = sum.ok_or_else(beyond)?;
    let one = 10_i128.pow(12);
    let half = if sum < 0 { -one / 2 } else { one / 2 };
    let amount = i64::try_from((sum + half) / one).map_err(|_| beyond())?;
    bounded(Cost { amount, quantity, unit_amount_decimal: None, details: Value::Null }, param)
}

fn bounded(cost: Cost, param: &str) -> Result<Cost, Refusal> {
    if cost.amount.unsigned_abs() > AMOUNT_MAX.unsigned_abs() {
        return Err(too_large(&Value::from(cost.amount), param));
    }
    Ok(cost)
}

fn too_large(given: &Value, param: &str) -> Refusal {
    refusal::invalid(format!("Invalid {param}: {given}; an amount has at most 12 digits"))
        .with_code("amount_too_large")
        .with_param(param)
}

/// A decimal times 10^12.
pub(crate) fn scaled(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || places.len() > PLACES || !plain(whole) || !plain(places) {
        return None;
    }
    format!("{whole}{places:0<PLACES$}").parse::<i128>().ok().map(|n| sign * n)
}

/// The decimal of a number times 10^12, without needless zeros.
fn decimal(scaled: i128) -> String {
    let one = 10_u128.pow(12);
    let (whole, places) = (scaled.unsigned_abs() / one, scaled.unsigned_abs() % one);
    let sign = if scaled < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{places:012}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An amount divided by a quantity, cut at twelve places.
fn quotient(amount: i64, quantity: i64) -> String {
    decimal(i128::from(amount) * 10_i128.pow(12) / i128::from(quantity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_multiplied_exactly_and_rounded_once() {
        assert_eq!(of_units("0.005", 3).unwrap().amount, 0);
        assert_eq!(of_units("0.5", 1).unwrap().amount, 1);
        assert_eq!(of_units("-0.5", 1).unwrap().amount, -1);
        assert_eq!(of_units("1999.99", 100).unwrap().amount, 199_999);
        assert_eq!(of_units("12.3400", 1).unwrap().unit_amount_decimal.unwrap(), "12.34");
        assert_eq!(quotient(1000, 3), "333.333333333333");
        for wrong in ["", ".5", "1e3", "1.0000000000001", "abc", "--1"] {
            assert!(of_units(wrong, 1).is_err(), "{wrong}");
        }
    }
}
