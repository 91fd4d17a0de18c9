//! The price object, its older form the plan, and what makes a price usable.

use serde_json::{Map, Value, json};

use crate::{
    currency,
    invoice_items::amount,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The most minor units of a price (Stripe's API, Prices: eight digits; twelve for some).
const UNIT_MAX: i64 = 999_999_999_999;

/// A price of these parameters, not stored yet. `at` is the hash of the request that
/// they stand in, empty for the request itself.
pub(super) fn fresh(
    tx: &mut Tx,
    params: &Map<String, Value>,
    product: &str,
    at: &str,
) -> Result<Value, Refusal> {
    let currency = currency::parse(params.get("currency").and_then(Value::as_str).unwrap_or_default())
        .map_err(|refused| refused.with_param(&place(at, "currency")))?;
    let (unit, decimal) = unit(params, at)?;
    let recurring = recurring(params.get("recurring"), at)?;
    let id = tx.ids().object("price");
    Ok(json!({
        "id": id,
        "object": "price",
        "active": true,
        "billing_scheme": "per_unit",
        "created": tx.now(),
        "currency": currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": product,
        "recurring": recurring,
        "tax_behavior": params.get("tax_behavior").cloned().unwrap_or_else(|| json!("unspecified")),
        "tiers_mode": null,
        "transform_quantity": null,
        "type": if recurring.is_null() { "one_time" } else { "recurring" },
        "unit_amount": unit,
        "unit_amount_decimal": decimal,
    }))
}

fn place(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}[{name}]") }
}

/// What one unit costs: whole minor units, null when it is a fraction, and as decimal.
fn unit(params: &Map<String, Value>, at: &str) -> Result<(Option<i64>, String), Refusal> {
    let negative = |given: &Value, param: &str| {
        refusal::invalid(format!("Invalid non-negative integer: {given}"))
            .with_code("parameter_invalid_integer")
            .with_param(param)
    };
    let (whole, decimal) = (place(at, "unit_amount"), place(at, "unit_amount_decimal"));
    match (params.get("unit_amount"), params.get("unit_amount_decimal").and_then(Value::as_str)) {
        (Some(_), Some(_)) => Err(refusal::exclusive(&whole, &decimal)),
        (Some(given), None) => match given.as_i64() {
            Some(n) if (0..=UNIT_MAX).contains(&n) => Ok((Some(n), n.to_string())),
            _ => Err(negative(given, &whole)),
        },
        (None, Some(text)) => {
            let wrong = || refusal::invalid(format!("Invalid decimal: {}", short(text))).with_param(&decimal);
            let text = amount::of_units(text, 1).map_err(|_| wrong())?.unit_amount_decimal;
            if text.starts_with('-') {
                return Err(wrong());
            }
            Ok((text.parse().ok(), text))
        }
        (None, None) => {
            Err(refusal::invalid(format!("Missing required param: {whole}. Give it or {decimal}."))
                .with_code("parameter_missing")
                .with_param(&whole))
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

/// How a price recurs, or null. At most three years between two payments.
fn recurring(given: Option<&Value>, at: &str) -> Result<Value, Refusal> {
    let Some(given) = given.filter(|v| v.is_object()) else { return Ok(Value::Null) };
    let count = given.get("interval_count").and_then(Value::as_i64).unwrap_or(1);
    let interval = value::text(given, "interval").unwrap_or_default();
    let most = match interval {
        "day" => 1095,
        "week" => 156,
        "month" => 36,
        _ => 3,
    };
    if !(1..=most).contains(&count) {
        let param = format!("{}[interval_count]", place(at, "recurring"));
        return Err(refusal::invalid(format!(
            "Invalid interval_count: {count}; it must be between 1 and {most} for {interval}"
        ))
        .with_param(&param));
    }
    if value::text(given, "usage_type") == Some("metered") || given.get("meter").is_some() {
        return Err(refusal::not_here("metered prices").with_param(&place(at, "recurring")));
    }
    Ok(json!({
        "interval": interval,
        "interval_count": count,
        "meter": null,
        "trial_period_days": given.get("trial_period_days").cloned().unwrap_or(Value::Null),
        "usage_type": "licensed",
    }))
}

/// Gives the price the lookup key that the request names. Another price loses it only
/// when the request says so.
pub(super) fn take_lookup_key(tx: &mut Tx, price: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(given) = call.params.get("lookup_key").and_then(Value::as_str) else { return Ok(()) };
    if given.is_empty() {
        value::set(price, "lookup_key", Value::Null);
        return Ok(());
    }
    if given.len() > 200 {
        return Err(refusal::invalid("Invalid lookup_key: at most 200 characters").with_param("lookup_key"));
    }
    let own = value::id(price).to_owned();
    let owner =
        tx.state().of_kind("price").find(|p| p["lookup_key"] == given && value::id(p) != own).cloned();
    if let Some(before) = owner {
        if call.flag("transfer_lookup_key") != Some(true) {
            return Err(refusal::invalid(format!(
                "A price (`{}`) already uses that lookup key. Give `transfer_lookup_key` to move it.",
                value::id(&before)
            ))
            .with_param("lookup_key"));
        }
        let mut after = before.clone();
        value::set(&mut after, "lookup_key", Value::Null);
        tx.change("price.updated", &before, after);
    }
    value::set(price, "lookup_key", given);
    Ok(())
}

/// The price as a plan, which is how older versions know what recurs.
pub(crate) fn plan_of(price: &Value) -> Value {
    let recurring = &price["recurring"];
    json!({
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": false,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": null,
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    })
}

/// The active price of this type that a parameter names.
///
/// # Errors
/// Unknown, archived, or of the other type.
pub(crate) fn usable(tx: &Tx, id: &str, kind: &str, param: &str) -> Result<Value, Refusal> {
    let price = tx.at_param("price", id, param)?;
    if price["active"] != true {
        return Err(refusal::invalid(
            "The price specified is inactive. This field only accepts active prices.",
        )
        .with_param(param));
    }
    of_type(&price, kind, param)?;
    Ok(price)
}

/// Refuses a price of the other type.
pub(super) fn of_type(price: &Value, kind: &str, param: &str) -> Result<(), Refusal> {
    match value::text(price, "type") {
        Some(own) if own == kind => Ok(()),
        own => Err(refusal::invalid(format!(
            "The price specified is set to `type={}` but this field only accepts prices with `type={kind}`.",
            own.unwrap_or_default()
        ))
        .with_param(param)),
    }
}
