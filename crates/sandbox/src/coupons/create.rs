//! `POST /v1/coupons`.

use serde_json::{Map, Value, json};

use super::object;
use crate::{
    currency, money,
    percent::Percent,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The longest name and id.
const NAME_MAX: usize = 40;
const ID_MAX: usize = 200;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let id = id(tx, call)?;
    let Off { percent, amount, currency } = off(call)?;
    let months = months(call)?;
    let mut coupon = json!({
        "id": id,
        "object": "coupon",
        "amount_off": amount,
        "created": tx.now(),
        "currency": currency,
        "duration": call.text("duration").unwrap_or("once"),
        "duration_in_months": months,
        "livemode": false,
        "max_redemptions": redemptions(call)?,
        "metadata": {},
        "name": null,
        "percent_off": percent,
        "redeem_by": redeem_by(tx, call)?,
        "times_redeemed": 0,
        "valid": true,
    });
    name(&mut coupon, call)?;
    value::merge_metadata(&mut coupon, &call.params);
    products(tx, &mut coupon, call)?;
    options(&mut coupon, call)?;
    tx.put(coupon.clone());
    tx.emit("coupon.created", &coupon);
    Ok(coupon)
}

fn id(tx: &mut Tx, call: &Call) -> Result<String, Refusal> {
    let Some(id) = call.text("id") else { return Ok(tx.ids().text(8)) };
    if tx.get(id).is_some() {
        return Err(refusal::invalid("Coupon already exists.")
            .with_code("resource_already_exists")
            .with_param("id"));
    }
    if id.len() > ID_MAX || !id.chars().all(|c| c.is_ascii_graphic() && c != '/') {
        return Err(refusal::invalid(format!(
            "Invalid id: at most {ID_MAX} printable characters, no space and no slash"
        ))
        .with_param("id"));
    }
    Ok(id.to_owned())
}

/// What comes off: the percentage, or the amount and its currency.
#[derive(Default)]
struct Off {
    percent: Option<Value>,
    amount: Option<i64>,
    currency: Option<String>,
}

fn off(call: &Call) -> Result<Off, Refusal> {
    match (call.params.get("percent_off"), call.params.get("amount_off")) {
        (Some(_), Some(_)) => Err(refusal::exclusive("amount_off", "percent_off")),
        (None, None) => Err(refusal::invalid("Must provide percent_off or amount_off.")
            .with_code("parameter_missing")
            .with_param("percent_off")),
        (Some(given), None) => {
            let fits = |percent: &Percent| (*percent > Percent::ZERO) && (*percent <= Percent::HUNDRED);
            Percent::read(given).filter(fits).ok_or_else(|| {
                refusal::invalid(format!(
                    "Invalid percent_off: {given}; it must be larger than 0, at most 100, and have at most 4 decimal places"
                ))
                .with_param("percent_off")
            })?;
            Ok(Off { percent: Some(given.clone()), ..Off::default() })
        }
        (None, Some(given)) => {
            let amount = money::positive(given, "amount_off")?;
            let currency = call.text("currency").ok_or_else(|| {
                refusal::invalid("Missing required param: currency.")
                    .with_code("parameter_missing")
                    .with_param("currency")
            })?;
            let currency = currency::parse(currency)?;
            money::not_too_large(amount, &currency, "amount_off")?;
            money::payable(amount, &currency, "amount_off")?;
            Ok(Off { amount: Some(amount), currency: Some(currency), ..Off::default() })
        }
    }
}

fn months(call: &Call) -> Result<Option<i64>, Refusal> {
    let param = "duration_in_months";
    let repeats = call.text("duration") == Some("repeating");
    match (repeats, call.int(param)) {
        (true, Some(months)) if months >= 1 => Ok(Some(months)),
        (true, Some(months)) => {
            Err(refusal::invalid(format!("Invalid {param}: {months}; it must be at least 1"))
                .with_code("parameter_invalid_integer")
                .with_param(param))
        }
        (true, None) => Err(refusal::invalid(format!(
            "Missing required param: {param}. A coupon of duration `repeating` needs it."
        ))
        .with_code("parameter_missing")
        .with_param(param)),
        (false, Some(_)) => Err(refusal::invalid(format!(
            "You can only use `{param}` when the coupon's `duration` is `repeating`."
        ))
        .with_param(param)),
        (false, None) => Ok(None),
    }
}

fn redemptions(call: &Call) -> Result<Option<i64>, Refusal> {
    call.params.get("max_redemptions").map(|given| money::positive(given, "max_redemptions")).transpose()
}

fn redeem_by(tx: &Tx, call: &Call) -> Result<Option<i64>, Refusal> {
    match call.int("redeem_by") {
        Some(at) if at <= tx.now() => {
            Err(refusal::invalid("Invalid redeem_by: it must be a time in the future")
                .with_param("redeem_by"))
        }
        at => Ok(at),
    }
}

/// Writes the name, if the request has one.
pub(super) fn name(coupon: &mut Value, call: &Call) -> Result<(), Refusal> {
    if call.text("name").is_some_and(|name| name.chars().count() > NAME_MAX) {
        return Err(
            refusal::invalid(format!("Invalid name: at most {NAME_MAX} characters")).with_param("name")
        );
    }
    value::assign(coupon, &call.params, &["name"]);
    Ok(())
}

fn products(tx: &Tx, coupon: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(given) = call.params.get("applies_to").and_then(|a| a["products"].as_array()) else {
        return Ok(());
    };
    for (nth, product) in given.iter().enumerate() {
        let param = format!("applies_to[products][{nth}]");
        tx.at_param("product", product.as_str().unwrap_or_default(), &param)?;
    }
    value::set(coupon, "_products", given.clone());
    Ok(())
}

/// Writes what comes off in other currencies, which only a coupon of an amount can have.
pub(super) fn options(coupon: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(Value::Object(given)) = call.params.get("currency_options") else { return Ok(()) };
    let param = "currency_options";
    if coupon["amount_off"].is_null() {
        return Err(
            refusal::invalid("`currency_options` can only be used with `amount_off`.").with_param(param)
        );
    }
    let mut options: Map<String, Value> = object::options(coupon).clone();
    for (code, option) in given {
        let place = format!("{param}[{code}]");
        let code = currency::parse(code).map_err(|refused| refused.with_param(&place))?;
        if coupon["currency"] == code.as_str() {
            return Err(refusal::invalid(format!(
                "{code} is the coupon's own currency; what comes off in it is `amount_off`."
            ))
            .with_param(&place));
        }
        let place = format!("{place}[amount_off]");
        let amount = money::amount(&option["amount_off"], &place)?;
        money::payable(amount, &code, &place)?;
        options.insert(code, json!({ "amount_off": amount }));
    }
    value::set(coupon, "_options", options);
    Ok(())
}
