//! What things cost, as requests said it.

use serde_json::{Map, Value, json};

use super::super::RequestChange;
use crate::wire::{Refusal, refusal};

pub(super) const AGGREGATION: RequestChange = RequestChange {
    what: "a metered price said how its usage records are summed up; the sandbox has none",
    operations: &["prices.create"],
    names: &[],
    redo: aggregation,
};

/// Refused, since leaving it out in silence would be a lie.
fn aggregation(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    const PARAM: &str = "recurring[aggregate_usage]";
    if params.get("recurring").is_some_and(|recurring| recurring.get("aggregate_usage").is_some()) {
        return Err(refusal::not_here(&format!("the parameter `{PARAM}`")).with_param(PARAM));
    }
    Ok(())
}

pub(super) const ITEM_PRICE: RequestChange = RequestChange {
    what: "the price of an invoice item was its own parameter, and a unit amount could be a number",
    operations: &["invoiceItems.create", "invoiceItems.update"],
    names: &[("pricing[price]", "price"), ("unit_amount_decimal", "unit_amount")],
    redo: price,
};

fn price(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    if let Some(price) = params.shift_remove("price") {
        if params.contains_key("pricing") {
            return Err(refusal::exclusive("price", "pricing"));
        }
        params.insert("pricing".into(), json!({ "price": price }));
    }
    if let Some(amount) = params.shift_remove("unit_amount") {
        if params.contains_key("unit_amount_decimal") {
            return Err(refusal::exclusive("unit_amount", "unit_amount_decimal"));
        }
        params.insert("unit_amount_decimal".into(), Value::String(amount.to_string()));
    }
    Ok(())
}

pub(super) const DISCOUNT: RequestChange = RequestChange {
    what: "a subscription was made with one coupon or one promotion code",
    operations: &["subscriptions.create", "subscriptions.update"],
    names: &[("discounts[0][coupon]", "coupon"), ("discounts[0][promotion_code]", "promotion_code")],
    redo: discount,
};

fn discount(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    for name in ["coupon", "promotion_code"] {
        let Some(given) = params.shift_remove(name) else { continue };
        if params.contains_key("discounts") {
            return Err(refusal::exclusive(name, "discounts"));
        }
        let list = if given == "" { json!("") } else { json!([{ name: given }]) };
        params.insert("discounts".into(), list);
    }
    Ok(())
}
