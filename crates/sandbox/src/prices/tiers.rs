//! Tiers: what the first so many cost, and the next (Stripe's docs, Tiered pricing).
//!
//! `volume` bills all at the tier that the quantity falls into, `graduated` each part at
//! its own. A tier's flat amount is added once, the first one's even for none.

use serde_json::{Value, json};

use super::terms::{self, place};
use crate::{
    invoice_items::amount,
    value,
    wire::{Refusal, refusal},
};

/// The most tiers of a price (the sandbox's own limit).
const TIERS_MAX: usize = 200;

/// The stored tiers of a price or of its terms in another currency.
pub(crate) fn of(terms: &Value) -> Option<&[Value]> {
    terms.get("_tiers").or_else(|| terms.get("tiers"))?.as_array().map(Vec::as_slice)
}

/// Tiers as a request lists them at `at`, as they are stored: `up_to` is null for the last.
///
/// # Errors
/// None, too many, not rising, not ending with `inf`, or one that costs nothing and says
/// nothing.
pub(super) fn read(given: &Value, at: &str) -> Result<Vec<Value>, Refusal> {
    let wrong = |why: String, param: &str| Err(refusal::invalid(why).with_param(param));
    let all = given.as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=TIERS_MAX).contains(&all.len()) {
        return wrong(format!("A tiered price has at least one and at most {TIERS_MAX} tiers."), at);
    }
    let mut before = 0;
    let mut tiers = Vec::new();
    for (nth, tier) in all.iter().enumerate() {
        let at = format!("{at}[{nth}]");
        let last = nth + 1 == all.len();
        let up_to = match (&tier["up_to"], last) {
            (Value::String(_), true) => None,
            (Value::Number(n), false) if n.as_i64().is_some_and(|n| n > before) => n.as_i64(),
            (_, true) => {
                return wrong("The last tier must be up to `inf`.".to_owned(), &place(&at, "up_to"));
            }
            _ => {
                let why = "Each tier but the last must be `up_to` a whole number larger than the one before.";
                return wrong(why.to_owned(), &place(&at, "up_to"));
            }
        };
        before = up_to.unwrap_or(before);
        tiers.push(one(tier, up_to, &at)?);
    }
    Ok(tiers)
}

fn one(tier: &Value, up_to: Option<i64>, at: &str) -> Result<Value, Refusal> {
    let empty = serde_json::Map::new();
    let params = tier.as_object().unwrap_or(&empty);
    let unit = terms::amount(params, "unit_amount", at)?;
    let flat = terms::amount(params, "flat_amount", at)?;
    if unit.is_none() && flat.is_none() {
        return Err(
            refusal::invalid("A tier needs a `unit_amount`, a `flat_amount`, or both.").with_param(at)
        );
    }
    let split = |given: Option<(Option<i64>, String)>| match given {
        Some((whole, decimal)) => (json!(whole), json!(decimal)),
        None => (Value::Null, Value::Null),
    };
    let ((unit, unit_decimal), (flat, flat_decimal)) = (split(unit), split(flat));
    Ok(json!({
        "flat_amount": flat,
        "flat_amount_decimal": flat_decimal,
        "unit_amount": unit,
        "unit_amount_decimal": unit_decimal,
        "up_to": up_to,
    }))
}

/// What a quantity costs, times 10^12; `None` beyond counting.
pub(super) fn sum(tiers: &[Value], quantity: i64, graduated: bool) -> Option<i128> {
    let (mut before, mut sum) = (0, 0_i128);
    for (nth, tier) in tiers.iter().enumerate() {
        let up_to = tier["up_to"].as_i64().unwrap_or(i64::MAX);
        let reached = quantity > before || nth == 0;
        if graduated && reached {
            sum = sum.checked_add(of_tier(tier, quantity.min(up_to) - before)?)?;
        } else if !graduated && quantity <= up_to {
            return of_tier(tier, quantity);
        }
        before = up_to;
    }
    Some(sum)
}

/// So many at one tier, and its flat amount.
fn of_tier(tier: &Value, units: i64) -> Option<i128> {
    let scaled = |field| value::text(tier, field).map_or(Some(0), amount::scaled);
    let units = scaled("unit_amount_decimal")?.checked_mul(i128::from(units))?;
    units.checked_add(scaled("flat_amount_decimal")?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tiers(all: Value) -> Vec<Value> {
        read(&all, "tiers").unwrap()
    }

    fn cost(all: &[Value], quantity: i64, graduated: bool) -> i64 {
        i64::try_from(sum(all, quantity, graduated).unwrap() / 10_i128.pow(12)).unwrap()
    }

    #[test]
    fn volume_bills_all_at_one_tier_and_graduated_each_part_at_its_own() {
        let all = tiers(json!([
            {"up_to": 5, "unit_amount": 500, "flat_amount": 1000},
            {"up_to": 10, "unit_amount": 400},
            {"up_to": "inf", "unit_amount_decimal": "300.5", "flat_amount": 200},
        ]));
        for (quantity, volume, graduated) in [
            (0, 1000, 1000),
            (1, 1500, 1500),
            (5, 3500, 3500),
            (6, 2400, 3900),
            (10, 4000, 5500),
            (12, 3806, 6301),
        ] {
            assert_eq!(
                (cost(&all, quantity, false), cost(&all, quantity, true)),
                (volume, graduated),
                "{quantity}"
            );
        }
    }

    #[test]
    fn tiers_rise_to_infinity() {
        for (wrong, param) in [
            (json!([]), "tiers"),
            (json!([{"up_to": 5, "unit_amount": 1}]), "tiers[0][up_to]"),
            (
                json!([{"up_to": 5, "unit_amount": 1}, {"up_to": 5, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}]),
                "tiers[1][up_to]",
            ),
            (
                json!([{"up_to": "inf", "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}]),
                "tiers[0][up_to]",
            ),
            (json!([{"up_to": "inf"}]), "tiers[0]"),
            (json!([{"up_to": "inf", "unit_amount": -1}]), "tiers[0][unit_amount]"),
            (
                json!([{"up_to": "inf", "unit_amount": 1, "unit_amount_decimal": "1"}]),
                "tiers[0][unit_amount_decimal]",
            ),
        ] {
            let refused = read(&wrong, "tiers").unwrap_err();
            assert_eq!(refused.error["param"], param, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn graduated_grows_with_the_quantity(
            steps in prop::collection::vec((1..50_i64, 0..1000_i64, 0..1000_i64), 0..5), quantity in 0..500_i64,
        ) {
            let mut up_to = 0;
            let mut all: Vec<Value> = steps.iter().map(|(width, unit, flat)| {
                up_to += width;
                json!({"up_to": up_to, "unit_amount": unit, "flat_amount": flat})
            }).collect();
            all.push(json!({"up_to": "inf", "unit_amount": 1}));
            let all = tiers(Value::Array(all));
            prop_assert!(cost(&all, quantity, true) <= cost(&all, quantity + 1, true));
        }
    }
}
