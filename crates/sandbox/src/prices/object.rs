//! The price object, its older form the plan, and what makes a price usable.

use serde_json::{Map, Value, json};

use super::terms::{self, place};
use crate::{
    currency,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

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
    let recurring = recurring(params.get("recurring"), at)?;
    let tiered = tiered(params, at)?;
    let terms = terms::read(params, at, tiered)?;
    if !terms["custom_unit_amount"].is_null() && !recurring.is_null() {
        let why = "An amount that the customer chooses is paid once: `recurring` cannot be given with it.";
        return Err(refusal::invalid(why).with_param(&place(at, "custom_unit_amount")));
    }
    let id = tx.ids().object("price");
    let mut price = json!({
        "id": id,
        "object": "price",
        "active": true,
        "billing_scheme": if tiered { "tiered" } else { "per_unit" },
        "created": tx.now(),
        "currency": currency,
        "custom_unit_amount": terms["custom_unit_amount"],
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": product,
        "recurring": recurring,
        "tax_behavior": terms["tax_behavior"],
        "tiers_mode": if tiered { params["tiers_mode"].clone() } else { Value::Null },
        "transform_quantity": transform(params, at, tiered)?,
        "type": if recurring.is_null() { "one_time" } else { "recurring" },
        "unit_amount": terms["unit_amount"],
        "unit_amount_decimal": terms["unit_amount_decimal"],
    });
    if let Some(tiers) = terms.get("tiers") {
        value::set(&mut price, "_tiers", tiers.clone());
    }
    if let Some(given) = params.get("currency_options") {
        value::set(&mut price, "_options", terms::options(given, &currency, at, tiered)?);
    }
    Ok(price)
}

/// Whether the price has tiers, and how they count.
fn tiered(params: &Map<String, Value>, at: &str) -> Result<bool, Refusal> {
    let tiered = params.get("billing_scheme").and_then(Value::as_str) == Some("tiered");
    match (tiered, params.contains_key("tiers_mode")) {
        (true, false) => {
            let param = place(at, "tiers_mode");
            Err(refusal::invalid(format!("Missing required param: {param}."))
                .with_code("parameter_missing")
                .with_param(&param))
        }
        (false, true) => {
            Err(refusal::invalid("`tiers_mode` can only be given when `billing_scheme` is `tiered`.")
                .with_param(&place(at, "tiers_mode")))
        }
        _ => Ok(tiered),
    }
}

/// How quantities are counted in packs, or null.
fn transform(params: &Map<String, Value>, at: &str, tiered: bool) -> Result<Value, Refusal> {
    let Some(given) = params.get("transform_quantity") else { return Ok(Value::Null) };
    let param = place(at, "transform_quantity");
    if tiered {
        return Err(
            refusal::invalid("`transform_quantity` cannot be combined with `tiers`.").with_param(&param)
        );
    }
    if value::int(given, "divide_by") < 1 {
        return Err(refusal::invalid("Invalid divide_by: it must be at least 1")
            .with_code("parameter_invalid_integer")
            .with_param(&format!("{param}[divide_by]")));
    }
    Ok(json!({"divide_by": given["divide_by"], "round": given["round"]}))
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

/// What the price asks for in a currency; `None` when it has no terms in it.
pub(crate) fn in_currency<'a>(price: &'a Value, currency: &str) -> Option<&'a Value> {
    if price["currency"] == currency {
        return Some(price);
    }
    price.get("_options")?.get(currency)
}

/// The includable tiers.
pub(crate) fn tiers(stored: &Value) -> Option<Value> {
    stored.get("_tiers").cloned()
}

/// The includable terms by currency, its own among them.
pub(crate) fn currency_options(stored: &Value) -> Option<Value> {
    let mut all = stored.get("_options").and_then(Value::as_object).cloned().unwrap_or_default();
    let names = ["custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal"];
    let mut own: Map<String, Value> =
        names.into_iter().map(|name| (name.to_owned(), stored[name].clone())).collect();
    if let Some(tiers) = tiers(stored) {
        own.insert("tiers".to_owned(), tiers);
    }
    all.insert(value::text(stored, "currency")?.to_owned(), Value::Object(own));
    all.sort_keys();
    Some(Value::Object(all))
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
        "transform_usage": price["transform_quantity"],
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
    if !price["custom_unit_amount"].is_null() {
        return Err(refusal::invalid(
            "The price specified has an amount that the customer chooses, which can only be done in Checkout.",
        )
        .with_param(param));
    }
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
