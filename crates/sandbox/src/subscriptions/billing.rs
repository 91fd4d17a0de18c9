//! The invoices of a subscription: a draft with a line for each item, and what is
//! pending for the customer.

use model::Currency;
use serde_json::{Value, json};

use super::{anchor, discounted, items, object};
use crate::{invoice_items, invoices, products, state::Tx, value, wire::Refusal};

/// A stored draft for these items' present periods. Not told of yet.
///
/// # Errors
/// The customer is gone, or an item costs more than an amount can be.
pub(super) fn draft(
    tx: &mut Tx,
    subscription: &Value,
    reason: &str,
    billed: &[Value],
) -> Result<Value, Refusal> {
    let customer =
        tx.at_param("customer", value::text(subscription, "customer").unwrap_or_default(), "customer")?;
    let mut invoice = invoices::for_subscription(tx, &customer, subscription, reason);
    discounted::put_on(tx, subscription, &mut invoice);
    for item in billed {
        let line = line(tx, subscription, item, &invoice)?;
        invoices::add_line(tx, &mut invoice, line);
    }
    for item in tx.pointing_at("invoiceitem", value::id(&customer)) {
        let own = item.get("_subscription").is_none_or(|of| *of == subscription["id"]);
        if item["invoice"].is_null() && item["currency"] == subscription["currency"] && own {
            invoice_items::join(tx, item, &mut invoice);
        }
    }
    invoices::recalculate(tx, &mut invoice);
    tx.put(invoice.clone());
    discounted::remember(tx, subscription, billed, &invoice);
    Ok(invoice)
}

/// What one item costs for its present period; nothing while it is tried.
fn line(tx: &mut Tx, subscription: &Value, item: &Value, invoice: &Value) -> Result<Value, Refusal> {
    let cost = items::cost(tx, item)?;
    let tried = subscription["status"] == "trialing";
    let part = anchor::part_of_period(tx, subscription, item, cost.amount);
    let (amount, unit) =
        if tried { (0, Some("0".to_owned())) } else { (part, cost.unit_amount_decimal.clone()) };
    let id = tx.ids().object("il");
    let description =
        if tried { format!("Trial period for {}", product_name(tx, item)) } else { describe(tx, item) };
    Ok(json!({
        "id": id,
        "object": "line_item",
        "amount": amount,
        "currency": subscription["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": true,
        "discounts": discounted::of_line(tx, item),
        "invoice": invoice["id"],
        "livemode": false,
        "metadata": subscription["metadata"],
        "parent": {
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": null,
                "proration": false,
                "proration_details": {"credited_items": null},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": {"price_details": cost.details, "type": "price_details", "unit_amount_decimal": unit},
        "quantity": cost.quantity,
        "quantity_decimal": cost.quantity.to_string(),
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
        "_tax_rates": item.get("_tax_rates"),
    }))
}

/// `2 × Gold (at $10.00 / month)`.
pub(super) fn describe(tx: &Tx, item: &Value) -> String {
    let price = object::price_of(tx, item);
    let each = match price["unit_amount"].as_i64() {
        Some(amount) => shown(amount, value::text(&price, "currency").unwrap_or_default()),
        None if price["billing_scheme"] == "tiered" => "tiered prices".to_owned(),
        None => value::text(&price, "unit_amount_decimal").unwrap_or_default().to_owned(),
    };
    let recurring = &price["recurring"];
    let interval = value::text(recurring, "interval").unwrap_or_default();
    let every = match value::int(recurring, "interval_count") {
        0 | 1 => interval.to_owned(),
        n => format!("every {n} {interval}s"),
    };
    let quantity = value::int(item, "quantity");
    format!("{quantity} × {} (at {each} / {every})", product_name(tx, item))
}

/// What the item's product is called.
pub(super) fn product_name(tx: &Tx, item: &Value) -> String {
    let price = object::price_of(tx, item);
    products::name_of(value::text(&price, "product").and_then(|id| tx.get(id))).to_owned()
}

/// `$10.00`, `10.00 eur`.
fn shown(amount: i64, currency: &str) -> String {
    let places = Currency::parse(currency).map_or(2, Currency::exponent);
    let one = 10_i64.pow(places);
    let number = match places {
        0 => amount.to_string(),
        _ => format!("{}.{:0width$}", amount / one, amount % one, width = places as usize),
    };
    if currency == "usd" { format!("${number}") } else { format!("{number} {currency}") }
}

/// Tells of a draft and collects it at once, as the first invoice and one for a change
/// are. Returns the invoice, and why it is not paid when an attempt was refused.
pub(super) fn issue(tx: &mut Tx, invoice: Value, charges: bool) -> Result<(Value, Option<Refusal>), Refusal> {
    if tx.previews() {
        return Ok((invoice, None));
    }
    tx.emit("invoice.created", &invoice);
    let id = value::id(&invoice).to_owned();
    let open = invoices::finalize(tx, invoice)?;
    let refused = if charges && open["status"] == "open" { invoices::collect(tx, open).err() } else { None };
    let now = tx.get(&id).cloned().unwrap_or_default();
    Ok((now, refused))
}
