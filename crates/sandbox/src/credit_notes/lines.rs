//! What a note credits, line by line: an amount, lines of the invoice with their share of
//! discounts and taxes, or lines of its own. Integers only.

use serde_json::{Value, json};

use crate::{
    money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The sums of a note, and its lines, which are not stored yet.
#[derive(Debug, Default)]
pub(super) struct Credited {
    pub(super) lines: Vec<Value>,
    pub(super) subtotal: i64,
    pub(super) discount: i64,
    pub(super) discounts: Vec<Value>,
    pub(super) taxes: Vec<Value>,
    pub(super) total: i64,
    pub(super) total_excluding_tax: i64,
}

/// What the parameters credit.
///
/// # Errors
/// None or several ways at once, or a line that cannot be credited so.
pub(super) fn credited(tx: &mut Tx, call: &Call, invoice: &Value) -> Result<Credited, Refusal> {
    let currency = value::text(invoice, "currency").unwrap_or_default();
    match (call.params.get("amount"), call.params.get("lines").and_then(Value::as_array)) {
        (Some(_), Some(_)) => Err(refusal::exclusive("amount", "lines")),
        (Some(given), None) => {
            let amount = payable(given, currency, "amount")?;
            let line = line(tx, "custom_line_item", amount, Some(amount), 1);
            Ok(sum(vec![line]))
        }
        (None, Some(given)) if !given.is_empty() => {
            let lines = given.iter().enumerate().map(|(nth, one)| {
                let param = format!("lines[{nth}]");
                match value::text(one, "type") {
                    Some("invoice_line_item") => of_invoice(tx, invoice, one, &param),
                    _ => custom(tx, currency, one, &param),
                }
            });
            Ok(sum(lines.collect::<Result<_, _>>()?))
        }
        _ => Err(refusal::invalid("You must provide at least one of `amount` or `lines`.")
            .with_code("parameter_missing")
            .with_param("amount")),
    }
}

/// A positive amount in the currency's digits.
pub(super) fn payable(given: &Value, currency: &str, param: &str) -> Result<i64, Refusal> {
    let amount = money::positive(given, param)?;
    money::payable(amount, currency, param)?;
    money::not_too_large(amount, currency, param)?;
    Ok(amount)
}

fn line(tx: &mut Tx, kind: &str, amount: i64, unit: Option<i64>, quantity: i64) -> Value {
    json!({
        "id": tx.ids().object("cnli"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": null,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": false,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": [],
        "type": kind,
        "unit_amount": unit,
        "unit_amount_decimal": unit.map(|unit| unit.to_string()),
    })
}

/// A line of the note's own: so many of a unit amount, or one amount.
fn custom(tx: &mut Tx, currency: &str, given: &Value, param: &str) -> Result<Value, Refusal> {
    refuse_unheeded(given, param)?;
    let at = |name: &str| format!("{param}[{name}]");
    let quantity = quantity(given, param)?.unwrap_or(1);
    let names = ["amount", "unit_amount"];
    let mut named = names.into_iter().filter(|name| given.get(*name).is_some());
    let (first, second) = (named.next(), named.next());
    if let Some(second) = second {
        return Err(refusal::exclusive(&at(first.unwrap_or_default()), &at(second)));
    }
    let mut made = match first {
        Some("unit_amount") => {
            let unit = payable(&given["unit_amount"], currency, &at("unit_amount"))?;
            let amount = unit.saturating_mul(quantity);
            money::not_too_large(amount, currency, &at("unit_amount"))?;
            line(tx, "custom_line_item", amount, Some(unit), quantity)
        }
        Some(_) => {
            let amount = payable(&given["amount"], currency, &at("amount"))?;
            line(tx, "custom_line_item", amount, None, quantity)
        }
        None => {
            return Err(refusal::invalid(format!("Missing required param: {}.", at("unit_amount")))
                .with_code("parameter_missing")
                .with_param(&at("unit_amount")));
        }
    };
    describe(&mut made, given);
    Ok(made)
}

/// A line of the invoice, or a part of it, with its share of discounts and taxes.
fn of_invoice(tx: &mut Tx, invoice: &Value, given: &Value, param: &str) -> Result<Value, Refusal> {
    refuse_unheeded(given, param)?;
    let at = |name: &str| format!("{param}[{name}]");
    let id = value::text(given, "invoice_line_item").unwrap_or_default();
    let of = tx.find("line_item", id).filter(|of| of["invoice"] == invoice["id"]).cloned();
    let of = of.ok_or_else(|| refusal::missing("line_item", id, &at("invoice_line_item")))?;
    let (whole, count) = (value::int(&of, "amount"), value::int(&of, "quantity").max(1));
    let currency = value::text(invoice, "currency").unwrap_or_default();
    let (amount, quantity) = match (given.get("amount"), quantity(given, param)?) {
        (Some(_), Some(_)) => return Err(refusal::exclusive(&at("amount"), &at("quantity"))),
        (Some(amount), None) => (payable(amount, currency, &at("amount"))?, count),
        (None, quantity) => {
            let quantity = quantity.unwrap_or(count);
            (share(whole, quantity, count), quantity)
        }
    };
    if amount > whole || quantity > count {
        return Err(refusal::invalid(format!(
            "The credit of {} is greater than the line ({}).",
            money::shown(amount, currency),
            money::shown(whole, currency)
        ))
        .with_param(&at("amount")));
    }
    let mut made = line(tx, "invoice_line_item", amount, None, quantity);
    value::set(&mut made, "invoice_line_item", id);
    value::set(&mut made, "description", of["description"].clone());
    let part = |list: &Value, amounts: &[&str]| -> Vec<Value> {
        let mut all = list.as_array().cloned().unwrap_or_default();
        for one in &mut all {
            for name in amounts.iter().filter(|name| one[**name].is_i64()).collect::<Vec<_>>() {
                let scaled = share(value::int(one, name), amount, whole);
                value::set(one, name, scaled);
            }
        }
        all
    };
    let discounts = part(&of["discount_amounts"], &["amount"]);
    let off: i64 = discounts.iter().map(|one| value::int(one, "amount")).sum();
    value::set(&mut made, "discount_amount", off);
    value::set(&mut made, "discount_amounts", discounts);
    value::set(&mut made, "taxes", part(&of["taxes"], &["amount", "taxable_amount"]));
    describe(&mut made, given);
    Ok(made)
}

/// A part of an amount, half rounded up.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    let whole = i128::from(whole.max(1));
    let scaled = (i128::from(amount) * i128::from(part) * 2 + whole).div_euclid(whole * 2);
    i64::try_from(scaled).unwrap_or(amount)
}

fn refuse_unheeded(given: &Value, param: &str) -> Result<(), Refusal> {
    for name in ["tax_amounts", "tax_rates", "unit_amount_decimal"] {
        if given.get(name).is_some() {
            let param = format!("{param}[{name}]");
            return Err(refusal::not_here(&format!("the parameter `{param}`")).with_param(&param));
        }
    }
    Ok(())
}

fn quantity(given: &Value, param: &str) -> Result<Option<i64>, Refusal> {
    let quantity = given.get("quantity").and_then(Value::as_i64);
    match quantity {
        Some(count) if count < 1 => Err(refusal::invalid("This value must be greater than or equal to 1.")
            .with_code("parameter_invalid_integer")
            .with_param(&format!("{param}[quantity]"))),
        _ => Ok(quantity),
    }
}

fn describe(made: &mut Value, given: &Value) {
    if let Some(given) = given.as_object() {
        value::assign(made, given, &["description"]);
        value::merge_metadata(made, given);
    }
}

fn sum(lines: Vec<Value>) -> Credited {
    let mut all = Credited::default();
    for line in &lines {
        let (amount, off) = (value::int(line, "amount"), value::int(line, "discount_amount"));
        let mut taxes = [0, 0];
        for tax in line["taxes"].as_array().into_iter().flatten() {
            let inclusive = tax["tax_behavior"] == "inclusive";
            taxes[usize::from(inclusive)] += value::int(tax, "amount");
            all.taxes.push(tax.clone());
        }
        all.subtotal += amount;
        all.discount += off;
        all.discounts.extend(line["discount_amounts"].as_array().cloned().unwrap_or_default());
        all.total += amount - off + taxes[0];
        all.total_excluding_tax += amount - off - taxes[1];
    }
    all.lines = lines;
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_line_round_a_half_up_and_the_whole_is_the_whole() {
        assert_eq!((share(1000, 1, 3), share(1000, 2, 3), share(5, 1, 2)), (333, 667, 3));
        for amount in [0, 1, 99, 12_345] {
            assert_eq!(share(amount, 7, 7), amount);
        }
        assert_eq!(share(100, 1, 0), 100);
    }
}
