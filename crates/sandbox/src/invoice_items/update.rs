//! `POST /v1/invoiceitems/{invoiceitem}`: only while it is pending or its invoice
//! is a draft.

use serde_json::Value;

use super::{amount, object, priced, terms};
use crate::{
    invoices, money,
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut item = tx.at_path("invoiceitem", call.id())?;
    let before = invoices::draft_of_item(tx, &item)?;
    let quantity = value::int(&item, "quantity");
    if let Some((cost, currency)) = priced::cost(tx, call, quantity)? {
        object::same_currency(&item, &currency)?;
        object::price(&mut item, &cost);
    } else if let Some(cost) = amount::cost(call, quantity)? {
        if call.has("amount") {
            money::payable(cost.amount, value::text(&item, "currency").unwrap_or_default(), "amount")?;
        }
        object::price(&mut item, &cost);
    } else if call.has("quantity") {
        let cost = priced::again(tx, &item, amount::quantity(call, quantity)?)?;
        object::price(&mut item, &cost);
    }
    object::fill(&mut item, call)?;
    terms::fill(tx, &mut item, call)?;
    let shown = before.as_ref().map(|before| tx.seen(before)).unwrap_or_default();
    tx.put(item.clone());
    if let Some(before) = before {
        let mut after = before;
        let line = value::text(&item, "_line").unwrap_or_default().to_owned();
        tx.put(object::line_of(&item, &line, value::id(&after)));
        invoices::recalculate(tx, &mut after);
        let id = value::id(&after).to_owned();
        tx.put(after);
        tx.emit_changed("invoice.updated", &shown, &id);
    }
    Ok(item)
}
