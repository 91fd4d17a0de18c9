//! `POST /v1/invoices/{invoice}/pay`, and the same as the customer does it.
//!
//! A declined attempt answers 402 and stays: the charge, the attempt count and the
//! events are kept.

use serde_json::Value;

use super::{
    advance,
    finalize::{finalize, mark_paid},
    object,
};
use crate::{
    payment_methods,
    payments::{self, Charged},
    state::Tx,
    value,
    wire::{Call, Refusal, refusal, render},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut invoice = tx.at_path("invoice", call.id())?;
    if invoice["status"] == "draft" {
        invoice = finalize(tx, invoice)?;
        if invoice["status"] == "paid" {
            return Ok(invoice);
        }
    }
    payable(&invoice)?;
    if call.flag("paid_out_of_band") == Some(true) {
        return Ok(out_of_band(tx, invoice));
    }
    let method = method(tx, &invoice, call.text("payment_method"))?;
    attempt(tx, invoice, &method)
}

/// The customer pays on the hosted page. No request of the API's user causes it, so
/// the events name none.
///
/// # Errors
/// Unknown, not open, or declined (which stays).
pub(crate) fn as_customer(tx: &mut Tx, id: &str, method: &str) -> Result<Value, Refusal> {
    let invoice = tx.at_path("invoice", id)?;
    if invoice["status"] == "draft" {
        return Err(refusal::invalid("This invoice is a draft; a customer can pay it once it is finalized."));
    }
    payable(&invoice)?;
    let method = self::method(tx, &invoice, Some(method))?;
    attempt(tx, invoice, &method)
}

/// One attempt with the payment method that is set: the invoice's, else its
/// customer's. An attempt without any counts too.
///
/// # Errors
/// There is none, or it was declined; what was recorded of it stays.
pub(crate) fn collect(tx: &mut Tx, invoice: Value) -> Result<Value, Refusal> {
    match method(tx, &invoice, None) {
        Ok(method) => attempt(tx, invoice, &method),
        Err(refused) => {
            advance::nothing_to_charge(tx, invoice);
            Err(refused.leaving())
        }
    }
}

fn payable(invoice: &Value) -> Result<(), Refusal> {
    match value::text(invoice, "status") {
        Some("open" | "uncollectible") => Ok(()),
        Some("paid") => Err(refusal::invalid("Invoice is already paid")),
        other => Err(object::not_editable(&format!(
            "This invoice cannot be paid because it is {}.",
            other.unwrap_or("deleted")
        ))),
    }
}

/// The payment method: the one named, else the invoice's, else the customer's.
fn method(tx: &mut Tx, invoice: &Value, named: Option<&str>) -> Result<Value, Refusal> {
    let customer = value::text(invoice, "customer").unwrap_or_default().to_owned();
    let of_customer = tx
        .find("customer", &customer)
        .and_then(|c| value::text(&c["invoice_settings"], "default_payment_method").map(str::to_owned));
    let chosen = named
        .map(str::to_owned)
        .or_else(|| value::text(invoice, "default_payment_method").map(str::to_owned))
        .or(of_customer)
        .ok_or_else(|| {
            refusal::invalid(
                "There is no default payment method on this invoice or its customer. Give `payment_method`, or set one.",
            )
            .with_code("resource_missing")
        })?;
    payment_methods::for_payment(tx, &chosen, Some(&customer))
}

fn attempt(tx: &mut Tx, mut invoice: Value, method: &Value) -> Result<Value, Refusal> {
    let id = value::id(&invoice).to_owned();
    let before = render(tx, &invoice);
    let count = value::int(&invoice, "attempt_count") + 1;
    value::set(&mut invoice, "attempt_count", count);
    value::set(&mut invoice, "attempted", true);
    match payments::collect(tx, &invoice, method) {
        Charged::Paid => {
            mark_paid(tx, &mut invoice);
            tx.put(invoice.clone());
            let payment = payments::settle_invoice_payment(tx, &invoice);
            tx.emit_changed("invoice.updated", &before, &id);
            tx.emit("invoice.paid", &invoice);
            tx.emit("invoice.payment_succeeded", &invoice);
            tx.emit("invoice_payment.paid", &payment);
            Ok(invoice)
        }
        Charged::Declined(refused) => {
            advance::plan_retry(tx, &mut invoice);
            tx.put(invoice.clone());
            tx.emit_changed("invoice.updated", &before, &id);
            tx.emit("invoice.payment_failed", &invoice);
            Err(refused.leaving())
        }
        Charged::NeedsAction(refused) => {
            advance::plan_retry(tx, &mut invoice);
            tx.put(invoice.clone());
            tx.emit_changed("invoice.updated", &before, &id);
            tx.emit("invoice.payment_action_required", &invoice);
            tx.emit("invoice.payment_failed", &invoice);
            Err(refused.leaving())
        }
    }
}

/// Paid by other means: no charge, and no `invoice.payment_succeeded`.
fn out_of_band(tx: &mut Tx, mut invoice: Value) -> Value {
    let id = value::id(&invoice).to_owned();
    let before = render(tx, &invoice);
    let due = value::int(&invoice, "amount_due");
    mark_paid(tx, &mut invoice);
    value::set(&mut invoice, "amount_paid_off_stripe", due);
    tx.put(invoice.clone());
    tx.emit_changed("invoice.updated", &before, &id);
    tx.emit("invoice.paid", &invoice);
    payments::cancel_for_invoice(tx, &invoice, None);
    invoice
}
