//! `POST /v1/invoiceitems`.

use serde_json::Value;

use super::{amount, object, priced, prorated, terms};
use crate::{
    account, currency, customers, invoices, money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let missing = |param: &str| {
        refusal::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(param)
    };
    let customer = call.text("customer").ok_or_else(|| missing("customer"))?;
    let customer = tx.at_param("customer", customer, "customer")?;
    let invoice = match call.text("invoice") {
        Some(id) => Some(invoices::draft_for_item(tx, id, &customer)?),
        None => None,
    };
    let (cost, of_price) = match priced::cost(tx, call, 1)? {
        Some((cost, currency)) => (cost, Some(currency)),
        None => (amount::cost(call, 1)?.ok_or_else(|| missing("amount"))?, None),
    };
    let currency = billed_in(call, &customer, invoice.as_ref(), of_price)?;
    if call.has("amount") {
        money::payable(cost.amount, &currency, "amount")?;
    }
    customers::use_currency(tx, &customer, &currency)?;
    let mut item = object::fresh(tx, value::id(&customer), &currency, &cost);
    object::fill(&mut item, call)?;
    terms::fill(tx, &mut item, call)?;
    if let Some(id) = call.text("subscription") {
        waits_for(tx, &mut item, id)?;
    }
    let Some(before) = invoice else {
        tx.put(item.clone());
        tx.emit("invoiceitem.created", &item);
        return Ok(item);
    };
    let shown = tx.seen(&before);
    let mut after = before;
    let item = object::join(tx, item, &mut after);
    invoices::recalculate(tx, &mut after);
    let id = value::id(&after).to_owned();
    tx.put(after);
    tx.emit("invoiceitem.created", &item);
    tx.emit_changed("invoice.updated", &shown, &id);
    Ok(item)
}

/// Keeps the item for the next invoice of a subscription.
fn waits_for(tx: &Tx, item: &mut Value, subscription: &str) -> Result<(), Refusal> {
    let of = tx.at_param("subscription", subscription, "subscription")?;
    if of["customer"] != item["customer"] {
        return Err(refusal::invalid("The subscription belongs to another customer than the invoice item.")
            .with_param("subscription"));
    }
    prorated::belongs(item, subscription, None);
    Ok(())
}

fn billed_in(
    call: &Call,
    customer: &Value,
    invoice: Option<&Value>,
    of_price: Option<String>,
) -> Result<String, Refusal> {
    let of_invoice = invoice.and_then(|i| value::text(i, "currency"));
    let given = match call.text("currency") {
        Some(text) => Some(currency::parse(text)?),
        None => of_price.clone(),
    };
    if let (Some(given), Some(own)) = (&given, &of_price)
        && given != own
    {
        return Err(refusal::invalid(format!("The price is in {own}; `currency` must be the same."))
            .with_param("currency"));
    }
    if let (Some(given), Some(own)) = (&given, of_invoice)
        && given != own
    {
        return Err(refusal::invalid(format!(
            "The currency of an invoice item must be that of its invoice, which is {own}."
        ))
        .with_param("currency"));
    }
    let fallback = || value::text(customer, "currency").unwrap_or(account::CURRENCY).to_owned();
    Ok(given.or_else(|| of_invoice.map(str::to_owned)).unwrap_or_else(fallback))
}
