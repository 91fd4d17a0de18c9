//! `POST /v1/invoices`: a draft. Pending items stay pending unless asked for.

use serde_json::Value;

use super::{object, params, recalculate, terms};
use crate::{
    account, currency, customers, invoice_items,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let Some(customer) = call.text("customer") else {
        return Err(refusal::invalid("Missing required param: customer.")
            .with_code("parameter_missing")
            .with_param("customer"));
    };
    let customer = tx.at_param("customer", customer, "customer")?;
    let billed_in = match call.text("currency") {
        Some(text) => currency::parse(text)?,
        None => value::text(&customer, "currency").unwrap_or(account::CURRENCY).to_owned(),
    };
    let mut invoice = object::fresh(tx, &customer, &billed_in);
    params::fill(tx, &mut invoice, call)?;
    terms::fill(tx, &mut invoice, call, true)?;
    if call.text("pending_invoice_items_behavior") == Some("include") {
        for item in tx.pointing_at("invoiceitem", value::id(&customer)) {
            if item["invoice"].is_null() && item["currency"] == billed_in.as_str() {
                invoice_items::join(tx, item, &mut invoice);
            }
        }
    }
    customers::use_currency(tx, &customer, &billed_in)?;
    recalculate(tx, &mut invoice);
    tx.put(invoice.clone());
    tx.emit("invoice.created", &invoice);
    Ok(invoice)
}
