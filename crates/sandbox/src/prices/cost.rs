//! What a quantity costs by a price: so much for each, for each pack, or by tiers. The sum
//! is exact and rounded once.

use serde_json::Value;

use super::tiers;
use crate::{
    invoice_items::{amount, details},
    value,
    wire::Refusal,
};

/// The cost of so many, in a currency that the price has.
///
/// # Errors
/// More than an amount can be.
pub(crate) fn cost(price: &Value, quantity: i64, currency: &str) -> Result<amount::Cost, Refusal> {
    let terms = super::in_currency(price, currency).unwrap_or(price);
    let mut cost = match tiers::of(terms) {
        Some(all) => {
            let graduated = price["tiers_mode"] == "graduated";
            amount::of_sum(tiers::sum(all, quantity, graduated), quantity)?
        }
        None => {
            let unit = value::text(terms, "unit_amount_decimal").unwrap_or("0");
            let mut cost = amount::of_units(unit, packs(&price["transform_quantity"], quantity))?;
            cost.quantity = quantity;
            cost
        }
    };
    cost.details = details(price);
    Ok(cost)
}

/// How many are billed of so many that are bought.
fn packs(transform: &Value, quantity: i64) -> i64 {
    let by = value::int(transform, "divide_by");
    if by < 1 {
        return quantity;
    }
    let whole = quantity / by;
    if transform["round"] == "up" && quantity % by != 0 { whole + 1 } else { whole }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn amount(price: &Value, quantity: i64) -> i64 {
        cost(price, quantity, "usd").unwrap().amount
    }

    #[test]
    fn packs_are_rounded_as_the_price_says() {
        let packs = |round: &str| {
            json!({"currency": "usd", "unit_amount_decimal": "1000",
                   "transform_quantity": {"divide_by": 5, "round": round}})
        };
        let (up, down) = (packs("up"), packs("down"));
        for (quantity, with_up, with_down) in
            [(0, 0, 0), (1, 1000, 0), (5, 1000, 1000), (9, 2000, 1000), (10, 2000, 2000)]
        {
            assert_eq!((amount(&up, quantity), amount(&down, quantity)), (with_up, with_down), "{quantity}");
        }
        assert_eq!(cost(&up, 9, "usd").unwrap().quantity, 9);
    }

    #[test]
    fn another_currency_has_its_own_terms() {
        let price = json!({"currency": "usd", "unit_amount_decimal": "1000",
                           "_options": {"eur": {"unit_amount_decimal": "900.5"}}});
        assert_eq!((amount(&price, 2), cost(&price, 2, "eur").unwrap().amount), (2000, 1801));
    }
}
