//! Lines and invoice items with the whole price in them.

use serde_json::{Value, json};

use super::super::ObjectChange;
use crate::{prices, state::Tx, value, wire::render};

pub(super) const LINE: ObjectChange = ObjectChange {
    what: "a line said itself what it comes from and had its price and taxes whole",
    object: "line_item",
    gives: &[
        "amount_excluding_tax",
        "invoice_item",
        "plan",
        "price",
        "proration",
        "proration_details",
        "subscription_item",
        "tax_amounts",
        "tax_rates",
        "type",
        "unit_amount_excluding_tax",
    ],
    undo: line,
};

pub(super) const ITEM: ObjectChange = ObjectChange {
    what: "an invoice item said itself what it is for and had its price whole",
    object: "invoiceitem",
    gives: &["plan", "price", "subscription", "subscription_item", "unit_amount", "unit_amount_decimal"],
    undo: item,
};

fn line(tx: &Tx, line: &mut Value) {
    let from = ["invoice_item_details", "subscription_item_details"]
        .into_iter()
        .map(|details| line["parent"][details].clone())
        .find(Value::is_object)
        .unwrap_or_default();
    for field in ["invoice_item", "subscription_item"] {
        if let Some(id) = from.get(field).filter(|id| id.is_string()) {
            value::set(line, field, id.clone());
        }
    }
    let of_item = from["invoice_item"].is_string();
    value::set(line, "type", if of_item { "invoiceitem" } else { "subscription" });
    value::set(line, "proration", from["proration"] == true);
    value::set(line, "proration_details", from["proration_details"].clone());
    price(tx, line);
    value::set(line, "unit_amount_excluding_tax", line["pricing"]["unit_amount_decimal"].clone());
    let taxes = line["taxes"].take();
    value::set(line, "amount_excluding_tax", value::int(line, "amount") - inclusive(&taxes));
    value::set(line, "tax_rates", tax_rates(tx, &taxes));
    value::set(line, "tax_amounts", tax_amounts(&taxes));
}

fn item(tx: &Tx, item: &mut Value) {
    let from = item["parent"]["subscription_details"].clone();
    value::set(item, "subscription", from["subscription"].clone());
    if let Some(id) = from.get("subscription_item").filter(|id| id.is_string()) {
        value::set(item, "subscription_item", id.clone());
    }
    price(tx, item);
    let unit = item["pricing"]["unit_amount_decimal"].clone();
    let whole = unit.as_str().and_then(|text| text.parse::<i64>().ok());
    value::set(item, "unit_amount", whole);
    value::set(item, "unit_amount_decimal", unit);
}

/// Writes the price that `pricing` names, and the plan that a recurring one was before.
fn price(tx: &Tx, shown: &mut Value) {
    let named = value::text(&shown["pricing"]["price_details"], "price");
    let price = named.and_then(|id| tx.get(id)).map(|stored| render(tx, stored)).unwrap_or_default();
    let plan = price["recurring"].is_object().then(|| prices::plan_of(&price));
    value::set(shown, "plan", plan);
    value::set(shown, "price", price);
}

/// Taxes as they were: each with its rate in the place of its details.
pub(super) fn tax_amounts(taxes: &Value) -> Value {
    let before = |tax: &Value| {
        json!({
            "amount": tax["amount"],
            "inclusive": tax["tax_behavior"] == "inclusive",
            "tax_rate": tax["tax_rate_details"]["tax_rate"],
            "taxability_reason": Some(&tax["taxability_reason"]).filter(|reason| **reason != "not_available"),
            "taxable_amount": tax["taxable_amount"],
        })
    };
    taxes.as_array().into_iter().flatten().map(before).collect()
}

fn tax_rates(tx: &Tx, taxes: &Value) -> Value {
    let named =
        |tax: &Value| value::text(&tax["tax_rate_details"], "tax_rate").and_then(|id| tx.get(id)).cloned();
    taxes.as_array().into_iter().flatten().filter_map(named).map(|rate| render(tx, &rate)).collect()
}

fn inclusive(taxes: &Value) -> i64 {
    let inside = taxes.as_array().into_iter().flatten().filter(|tax| tax["tax_behavior"] == "inclusive");
    inside.map(|tax| value::int(tax, "amount")).sum()
}
