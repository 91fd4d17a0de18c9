//! Tax rates as others carry them: ids in a field of ours, whole objects when shown.

use serde_json::{Map, Value, json};

use super::apply::{Rate, Tax};
use crate::{
    percent::Percent,
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// The most rates of one line or invoice (Stripe's docs, Tax rates and IDs).
const RATES_MAX: usize = 5;

/// The ids in a field of an object that is stored.
pub(crate) fn ids(stored: &Value, field: &str) -> Vec<String> {
    let all = stored.get(field).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The rates themselves, as objects show them.
pub(crate) fn shown(tx: &Tx, stored: &Value, field: &str) -> Value {
    ids(stored, field).iter().filter_map(|id| tx.get(id)).map(|rate| render(tx, rate)).collect()
}

/// A stored rate, as lines are taxed by it.
pub(crate) fn rate(tx: &Tx, id: &str) -> Option<Rate> {
    let rate = tx.get(id)?;
    Some(Rate {
        id: id.to_owned(),
        percent: Percent::read(&rate["percentage"])?,
        inclusive: rate["inclusive"] == true,
    })
}

/// Active rates that a list at `at` names; the empty string is none.
///
/// # Errors
/// Unknown, archived, or more than five.
pub(crate) fn usable(tx: &Tx, given: &Value, at: &str) -> Result<Vec<String>, Refusal> {
    let all = given.as_array().map(Vec::as_slice).unwrap_or_default();
    if all.len() > RATES_MAX {
        return Err(refusal::invalid(format!("At most {RATES_MAX} tax rates can be given.")).with_param(at));
    }
    let mut ids: Vec<String> = Vec::new();
    for (nth, id) in all.iter().enumerate() {
        let param = format!("{at}[{nth}]");
        let rate = tx.at_param("tax_rate", id.as_str().unwrap_or_default(), &param)?;
        if rate["active"] != true {
            return Err(refusal::invalid(format!(
                "The tax rate {} is archived. Only active tax rates can be added.",
                value::id(&rate)
            ))
            .with_param(&param));
        }
        if !ids.iter().any(|known| known == value::id(&rate)) {
            ids.push(value::id(&rate).to_owned());
        }
    }
    Ok(ids)
}

/// Writes the rates that a parameter names into a field of ours, if it was sent.
///
/// # Errors
/// Those of [`usable`].
pub(crate) fn assign(
    tx: &Tx,
    object: &mut Value,
    params: &Map<String, Value>,
    names: (&str, &str),
    at: &str,
) -> Result<(), Refusal> {
    let (param, field) = names;
    if let Some(given) = params.get(param) {
        let place = if at.is_empty() { param.to_owned() } else { format!("{at}[{param}]") };
        value::set(object, field, usable(tx, given, &place)?);
    }
    Ok(())
}

/// Taxes as lines and invoices show them. `exempt` is the customer's standing: who is
/// exempt pays none, and the reason says so.
pub(crate) fn taxes(taxes: &[Tax], exempt: Option<&str>) -> Value {
    let reason = match exempt {
        Some("exempt") => "customer_exempt",
        Some("reverse") => "reverse_charge",
        _ => "not_available",
    };
    let shown = |tax: &Tax| {
        json!({
            "amount": tax.amount,
            "tax_behavior": if tax.inclusive { "inclusive" } else { "exclusive" },
            "tax_rate_details": {"tax_rate": tax.rate},
            "taxability_reason": reason,
            "taxable_amount": tax.taxable,
            "type": "tax_rate_details",
        })
    };
    taxes.iter().map(shown).collect()
}
