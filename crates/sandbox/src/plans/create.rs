//! `POST /v1/plans`: a price that recurs, under its older names, and if wanted under an id
//! of the caller's and with a product of its own.

use serde_json::{Map, Value};

use crate::{
    prices, products,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// Parameters by their names here and for a price.
const SAME: &[(&str, &str)] = &[
    ("active", "active"),
    ("amount", "unit_amount"),
    ("amount_decimal", "unit_amount_decimal"),
    ("billing_scheme", "billing_scheme"),
    ("currency", "currency"),
    ("tiers", "tiers"),
    ("tiers_mode", "tiers_mode"),
    ("transform_usage", "transform_quantity"),
];

/// Those of them that say how it recurs.
const RECURRING: &[&str] = &["interval", "interval_count", "meter", "trial_period_days", "usage_type"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let id = id(tx, call)?;
    let params = in_words_of_prices(&call.params);
    let product = product(tx, call)?;
    let mut price = prices::fresh(tx, &params, &product).map_err(in_words_of_plans)?;
    if let Some(id) = id {
        value::set(&mut price, "id", id);
    }
    value::assign(&mut price, &call.params, &["active", "nickname"]);
    value::merge_metadata(&mut price, &call.params);
    tx.put(price.clone());
    prices::tell_created(tx, &price);
    Ok(prices::plan_of(&price))
}

fn id(tx: &Tx, call: &Call) -> Result<Option<String>, Refusal> {
    let Some(id) = call.text("id") else { return Ok(None) };
    if tx.get(id).is_some() {
        return Err(refusal::invalid("Plan already exists.")
            .with_code("resource_already_exists")
            .with_param("id"));
    }
    if id.len() > 200 || !id.chars().all(|c| c.is_ascii_graphic() && c != '/') {
        let why = "Invalid id: at most 200 printable characters, no space and no slash";
        return Err(refusal::invalid(why).with_param("id"));
    }
    Ok(Some(id.to_owned()))
}

/// The product that is named, or made of what is given.
fn product(tx: &mut Tx, call: &Call) -> Result<String, Refusal> {
    match call.params.get("product") {
        Some(Value::String(id)) => Ok(value::id(&tx.at_param("product", id, "product")?).to_owned()),
        Some(Value::Object(data)) => Ok(value::id(&products::from_data(tx, data)?).to_owned()),
        _ => Err(refusal::invalid("Missing required param: product.")
            .with_code("parameter_missing")
            .with_param("product")),
    }
}

fn in_words_of_prices(given: &Map<String, Value>) -> Map<String, Value> {
    let mut params = Map::new();
    for (plan, price) in SAME {
        if let Some(value) = given.get(*plan) {
            params.insert((*price).to_owned(), value.clone());
        }
    }
    let how = RECURRING.iter().filter_map(|name| Some(((*name).to_owned(), given.get(*name)?.clone())));
    params.insert("recurring".to_owned(), Value::Object(how.collect()));
    params
}

/// A refusal names parameters as a plan has them.
fn in_words_of_plans(mut refused: Refusal) -> Refusal {
    for field in ["message", "param"] {
        let Some(Value::String(text)) = refused.error.get_mut(field) else { continue };
        let plain = text.replace("transform_quantity", "transform_usage");
        *text = match plain.strip_prefix("recurring[").and_then(|rest| rest.split_once(']')) {
            Some((name, _)) if field == "param" => name.to_owned(),
            _ if plain.contains("tiers") => plain,
            _ => plain.replace("unit_amount", "amount"),
        };
    }
    refused
}
