//! What a price asks for in one currency: a unit amount, tiers, or an amount that the
//! customer chooses.

use serde_json::{Map, Value, json};

use super::tiers;
use crate::{
    currency,
    invoice_items::amount as money,
    value,
    wire::{Refusal, refusal},
};

/// The most minor units of a price (Stripe's API, Prices: eight digits; twelve for some).
const UNIT_MAX: i64 = 999_999_999_999;

pub(super) fn place(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}[{name}]") }
}

/// The terms in a currency, as `currency_options` show them. `tiered` is what the price is
/// in its own; `at` is the hash that the parameters stand in.
///
/// # Errors
/// None, two that exclude each other, or what is no amount.
pub(super) fn read(params: &Map<String, Value>, at: &str, tiered: bool) -> Result<Value, Refusal> {
    let unit = amount(params, "unit_amount", at)?;
    let custom = custom(params.get("custom_unit_amount"), at)?;
    let tiers = params.get("tiers").map(|given| tiers::read(given, &place(at, "tiers"))).transpose()?;
    let whole = place(at, "unit_amount");
    match (unit.is_some(), !custom.is_null(), tiers.is_some()) {
        (_, true, true) => {
            return Err(refusal::exclusive(&place(at, "custom_unit_amount"), &place(at, "tiers")));
        }
        (true, true, _) => return Err(refusal::exclusive(&place(at, "custom_unit_amount"), &whole)),
        (true, _, true) => return Err(refusal::exclusive(&place(at, "tiers"), &whole)),
        (false, false, false) if tiered => return Err(missing(&place(at, "tiers"), None)),
        (false, false, false) => return Err(missing(&whole, Some(&place(at, "unit_amount_decimal")))),
        (_, _, true) if !tiered => {
            let why = "`tiers` can only be given when `billing_scheme` is `tiered`.";
            return Err(refusal::invalid(why).with_param(&place(at, "tiers")));
        }
        (_, _, false) if tiered => {
            let why = "A price whose `billing_scheme` is `tiered` has `tiers` and no amount of its own.";
            return Err(refusal::invalid(why).with_param(&whole));
        }
        _ => {}
    }
    let (unit, decimal) = unit.map_or((None, None), |(unit, decimal)| (unit, Some(decimal)));
    let behavior = params.get("tax_behavior").cloned().unwrap_or_else(|| json!("unspecified"));
    let mut terms = json!({
        "custom_unit_amount": custom,
        "tax_behavior": behavior,
        "unit_amount": unit,
        "unit_amount_decimal": decimal,
    });
    if let Some(tiers) = tiers {
        value::set(&mut terms, "tiers", tiers);
    }
    Ok(terms)
}

fn missing(param: &str, or: Option<&str>) -> Refusal {
    let or = or.map(|other| format!(" Give it or {other}.")).unwrap_or_default();
    refusal::invalid(format!("Missing required param: {param}.{or}"))
        .with_code("parameter_missing")
        .with_param(param)
}

/// An amount that is given whole under this name or as decimal beside it: whole minor
/// units, `None` when it is a fraction, and as decimal.
///
/// # Errors
/// Both, or what is negative or no decimal.
pub(super) fn amount(
    params: &Map<String, Value>,
    name: &str,
    at: &str,
) -> Result<Option<(Option<i64>, String)>, Refusal> {
    let decimal_name = format!("{name}_decimal");
    let (whole, decimal) = (place(at, name), place(at, &decimal_name));
    match (params.get(name), params.get(&decimal_name).and_then(Value::as_str)) {
        (Some(_), Some(_)) => Err(refusal::exclusive(&whole, &decimal)),
        (Some(given), None) => match given.as_i64() {
            Some(n) if (0..=UNIT_MAX).contains(&n) => Ok(Some((Some(n), n.to_string()))),
            _ => Err(refusal::invalid(format!("Invalid non-negative integer: {given}"))
                .with_code("parameter_invalid_integer")
                .with_param(&whole)),
        },
        (None, Some(text)) => {
            let short: String = text.chars().take(100).collect();
            let wrong = || refusal::invalid(format!("Invalid decimal: {short}")).with_param(&decimal);
            let read = money::of_units(text, 1).map_err(|_| wrong())?.unit_amount_decimal.unwrap_or_default();
            if read.starts_with('-') {
                return Err(wrong());
            }
            Ok(Some((read.parse().ok(), read)))
        }
        (None, None) => Ok(None),
    }
}

/// The amount that the customer chooses, within bounds; null when it is not so.
fn custom(given: Option<&Value>, at: &str) -> Result<Value, Refusal> {
    let Some(given) = given.filter(|given| given["enabled"] == true) else { return Ok(Value::Null) };
    let place = |name: &str| format!("{}[{name}]", place(at, "custom_unit_amount"));
    let bound = |name: &str| match given.get(name) {
        None => Ok(None),
        Some(n) => match n.as_i64().filter(|n| (0..=UNIT_MAX).contains(n)) {
            Some(n) => Ok(Some(n)),
            None => Err(refusal::invalid(format!("Invalid non-negative integer: {n}"))
                .with_code("parameter_invalid_integer")
                .with_param(&place(name))),
        },
    };
    let (least, most, preset) = (bound("minimum")?, bound("maximum")?, bound("preset")?);
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        let why = "The minimum of a custom unit amount cannot be more than its maximum.";
        return Err(refusal::invalid(why).with_param(&place("minimum")));
    }
    let outside =
        |preset: i64| least.is_some_and(|least| preset < least) || most.is_some_and(|most| preset > most);
    if preset.is_some_and(outside) {
        let why = "The preset of a custom unit amount must lie between its minimum and its maximum.";
        return Err(refusal::invalid(why).with_param(&place("preset")));
    }
    Ok(json!({"maximum": most, "minimum": least, "preset": preset}))
}

/// The terms in other currencies than the price's own, by currency.
///
/// # Errors
/// The price's own currency, no currency, or those of [`read`].
pub(super) fn options(
    given: &Value,
    own: &str,
    at: &str,
    tiered: bool,
) -> Result<Map<String, Value>, Refusal> {
    let mut all = Map::new();
    for (code, option) in given.as_object().into_iter().flatten() {
        let param = format!("{}[{code}]", place(at, "currency_options"));
        let code = currency::parse(code).map_err(|refused| refused.with_param(&param))?;
        if code == own {
            let why = format!("{code} is the price's own currency; its terms stand on the price itself.");
            return Err(refusal::invalid(why).with_param(&param));
        }
        let empty = Map::new();
        all.insert(code, read(option.as_object().unwrap_or(&empty), &param, tiered)?);
    }
    Ok(all)
}
