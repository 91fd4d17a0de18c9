//! The invoice item object, and the line it becomes.

use serde_json::{Value, json};

use super::{amount::Cost, prorated};
use crate::{
    state::Tx,
    tax_rates, value,
    wire::{Call, Refusal, refusal},
};

/// A pending item of this cost.
pub(super) fn fresh(tx: &mut Tx, customer: &str, currency: &str, cost: &Cost) -> Value {
    let id = tx.ids().object("ii");
    let mut item = json!({
        "id": id,
        "object": "invoiceitem",
        "amount": 0,
        "currency": currency,
        "customer": customer,
        "customer_account": null,
        "date": tx.now(),
        "description": null,
        "discountable": true,
        "discounts": [],
        "invoice": null,
        "livemode": false,
        "metadata": {},
        "net_amount": 0,
        "parent": null,
        "period": {"end": tx.now(), "start": tx.now()},
        "pricing": null,
        "proration": false,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
        "test_clock": tx.test_clock(),
    });
    price(&mut item, cost);
    item
}

/// Writes what the item costs.
pub(super) fn price(item: &mut Value, cost: &Cost) {
    value::set(item, "amount", cost.amount);
    value::set(item, "net_amount", cost.amount);
    value::set(item, "quantity", cost.quantity);
    value::set(item, "quantity_decimal", cost.quantity.to_string());
    let mut pricing = json!({"type": "price_details", "unit_amount_decimal": cost.unit_amount_decimal});
    if cost.details.is_object() {
        value::set(&mut pricing, "price_details", cost.details.clone());
    }
    value::set(item, "pricing", pricing);
}

/// Refuses a price of another currency than the item's.
pub(super) fn same_currency(item: &Value, currency: &str) -> Result<(), Refusal> {
    match value::text(item, "currency") {
        Some(own) if own != currency => {
            Err(refusal::invalid(format!("The price is in {currency}, but this invoice item is in {own}."))
                .with_param("pricing"))
        }
        _ => Ok(()),
    }
}

/// Writes the parameters that create and update have in common.
pub(super) fn fill(item: &mut Value, call: &Call) -> Result<(), Refusal> {
    value::assign(item, &call.params, &["description", "discountable"]);
    value::merge_metadata(item, &call.params);
    if let Some(period) = call.params.get("period") {
        if value::int(period, "end") < value::int(period, "start") {
            return Err(
                refusal::invalid("Invalid period: its end is before its start").with_param("period[end]")
            );
        }
        value::set(item, "period", period.clone());
    }
    if item["amount"].as_i64().is_some_and(|amount| amount < 0) && !call.has("discountable") {
        // Credits are not discounted unless asked for (Stripe's API, Invoice items).
        value::set(item, "discountable", false);
    }
    Ok(())
}

/// Makes the item a line of an invoice; the caller recalculates the invoice.
pub(crate) fn join(tx: &mut Tx, mut item: Value, invoice: &mut Value) -> Value {
    let line = tx.ids().object("il");
    value::set(&mut item, "invoice", value::id(invoice));
    value::set(&mut item, "_line", line.clone());
    let line = line_of(&item, &line, value::id(invoice));
    let mut lines = invoice["_lines"].as_array().cloned().unwrap_or_default();
    lines.push(line["id"].clone());
    value::set(invoice, "_lines", lines);
    tx.put(line);
    tx.put(item.clone());
    item
}

/// The line that shows an item on its invoice.
pub(crate) fn line_of(item: &Value, id: &str, invoice: &str) -> Value {
    json!({
        "id": id,
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": item["discounts"],
        "invoice": invoice,
        "livemode": false,
        "metadata": item["metadata"],
        "parent": prorated::parent_of_line(item),
        "period": item["period"],
        "pretax_credit_amounts": [],
        "pricing": item["pricing"],
        "quantity": item["quantity"],
        "quantity_decimal": item["quantity_decimal"],
        "subscription": item.get("_subscription"),
        "subtotal": item["amount"],
        "taxes": [],
        "_tax_rates": item.get("_tax_rates"),
    })
}

/// Adds its tax rates to a shown item.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    value::set(shown, "tax_rates", tax_rates::shown(tx, stored, "_tax_rates"));
}
