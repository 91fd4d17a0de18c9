//! `POST /v1/promotion_codes`.

use serde_json::{Map, Value, json};

use super::object;
use crate::{
    coupons, currency, money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

const CODE_MAX: usize = 500;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let named = call.params["promotion"]["coupon"].as_str().filter(|id| !id.is_empty());
    let coupon = named.ok_or_else(|| {
        refusal::invalid("Missing required param: promotion[coupon].")
            .with_code("parameter_missing")
            .with_param("promotion[coupon]")
    })?;
    let coupon = coupons::usable(tx, coupon, "promotion[coupon]")?;
    let customer = match call.text("customer") {
        Some(id) => Some(value::id(&tx.at_param("customer", id, "customer")?).to_owned()),
        None => None,
    };
    let code = code(tx, call, customer.as_deref())?;
    let id = tx.ids().object("promo");
    let mut made = json!({
        "id": id,
        "object": "promotion_code",
        "active": call.flag("active").unwrap_or(true),
        "code": code,
        "created": tx.now(),
        "customer": customer,
        "customer_account": null,
        "expires_at": expires_at(tx, call, &coupon)?,
        "livemode": false,
        "max_redemptions": redemptions(call, &coupon)?,
        "metadata": {},
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": restrictions(call)?,
        "times_redeemed": 0,
        "_coupon": coupon,
    });
    value::merge_metadata(&mut made, &call.params);
    tx.put(made.clone());
    tx.emit("promotion_code.created", &made);
    Ok(made)
}

/// The word that the request gives, else one of our own.
fn code(tx: &mut Tx, call: &Call, customer: Option<&str>) -> Result<String, Refusal> {
    let Some(given) = call.text("code") else { return Ok(tx.ids().upper(8)) };
    if given.len() > CODE_MAX || !given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(refusal::invalid(format!(
            "Invalid code: at most {CODE_MAX} letters (a-z, A-Z), digits and dashes"
        ))
        .with_param("code"));
    }
    if call.flag("active") != Some(false) {
        object::free(tx, given, customer, None)?;
    }
    Ok(given.to_owned())
}

fn expires_at(tx: &Tx, call: &Call, coupon: &Value) -> Result<Option<i64>, Refusal> {
    let Some(at) = call.int("expires_at") else { return Ok(coupon["redeem_by"].as_i64()) };
    let wrong =
        |why: &str| Err(refusal::invalid(format!("Invalid expires_at: {why}")).with_param("expires_at"));
    match coupon["redeem_by"].as_i64() {
        _ if at <= tx.now() => wrong("it must be a time in the future"),
        Some(last) if at > last => wrong("it cannot be later than the `redeem_by` of the coupon"),
        _ => Ok(Some(at)),
    }
}

fn redemptions(call: &Call, coupon: &Value) -> Result<Option<i64>, Refusal> {
    let param = "max_redemptions";
    let Some(given) = call.params.get(param) else { return Ok(None) };
    let most = money::positive(given, param)?;
    if coupon[param].as_i64().is_some_and(|of_coupon| most > of_coupon) {
        return Err(refusal::invalid(format!(
            "Invalid {param}: {most}; it cannot be more than the `{param}` of the coupon"
        ))
        .with_param(param));
    }
    Ok(Some(most))
}

/// When it can be redeemed: the first payment only, from some amount on.
fn restrictions(call: &Call) -> Result<Value, Refusal> {
    let empty = Map::new();
    let given = call.params.get("restrictions").and_then(Value::as_object).unwrap_or(&empty);
    let (amount, currency) = (given.get("minimum_amount"), given.get("minimum_amount_currency"));
    let missing = |param: &str| {
        refusal::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(param)
    };
    let currency = match (amount, currency.and_then(Value::as_str)) {
        (Some(_), None) => return Err(missing("restrictions[minimum_amount_currency]")),
        (None, Some(_)) => return Err(missing("restrictions[minimum_amount]")),
        (_, given) => given.map(currency::parse).transpose()?,
    };
    let amount = amount.map(|given| money::amount(given, "restrictions[minimum_amount]")).transpose()?;
    let mut whole = json!({
        "first_time_transaction": given.get("first_time_transaction") == Some(&json!(true)),
        "minimum_amount": amount,
        "minimum_amount_currency": currency,
    });
    options(&mut whole, given)?;
    Ok(whole)
}

/// Writes the least amounts in other currencies.
pub(super) fn options(restrictions: &mut Value, given: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(Value::Object(options)) = given.get("currency_options") else { return Ok(()) };
    let param = "restrictions[currency_options]";
    if restrictions["minimum_amount"].is_null() {
        let why = "`currency_options` of restrictions need a `minimum_amount`.";
        return Err(refusal::invalid(why).with_param(param));
    }
    let mut all =
        restrictions.get("currency_options").and_then(Value::as_object).cloned().unwrap_or_default();
    for (code, option) in options {
        let place = format!("{param}[{code}]");
        let code = currency::parse(code).map_err(|refused| refused.with_param(&place))?;
        let amount = money::amount(&option["minimum_amount"], &format!("{place}[minimum_amount]"))?;
        all.insert(code, json!({ "minimum_amount": amount }));
    }
    value::set(restrictions, "currency_options", all);
    Ok(())
}
