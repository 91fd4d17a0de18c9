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
    checkout, payment_methods,
    payments::{self, Charged, Tried},
    state::Tx,
    subscriptions, value,
    versions::Seen,
    wire::{Call, Refusal, refusal},
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

/// The payment method: the one named, else the invoice's, else its subscription's, else
/// the customer's, else his default source.
fn method(tx: &mut Tx, invoice: &Value, named: Option<&str>) -> Result<Value, Refusal> {
    let customer = value::text(invoice, "customer").unwrap_or_default().to_owned();
    let of_customer = tx
        .find("customer", &customer)
        .and_then(|c| value::text(&c["invoice_settings"], "default_payment_method").map(str::to_owned));
    let of_source = tx.find("customer", &customer);
    let of_source = of_source.and_then(|c| value::text(c, "default_source").map(str::to_owned));
    let of_subscription = value::text(invoice, "_subscription")
        .and_then(|id| tx.find("subscription", id))
        .and_then(|s| value::text(s, "default_payment_method").map(str::to_owned));
    let chosen = named
        .map(str::to_owned)
        .or_else(|| value::text(invoice, "default_payment_method").map(str::to_owned))
        .or(of_subscription)
        .or(of_customer)
        .or(of_source)
        .ok_or_else(|| {
            refusal::invalid(
                "There is no default payment method on this invoice or its customer. Give `payment_method`, or set one.",
            )
            .with_code("resource_missing")
        })?;
    payment_methods::for_payment(tx, &chosen, Some(&customer))
}

fn attempt(tx: &mut Tx, mut invoice: Value, method: &Value) -> Result<Value, Refusal> {
    let before = tx.seen(&invoice);
    count(&mut invoice);
    match payments::collect(tx, &invoice, method) {
        Charged::Paid => Ok(paid(tx, invoice, &before)),
        Charged::Processing => Ok(processing(tx, invoice, &before)),
        Charged::Declined(refused) => {
            unpaid(tx, invoice, &before, false);
            Err(refused.leaving())
        }
        Charged::NeedsAction(refused) => {
            unpaid(tx, invoice, &before, true);
            Err(refused.leaving())
        }
    }
}

/// What an attempt at a payment intent means for the invoice that it belongs to, if
/// it belongs to one. `counts`: the attempt began now, and not before the customer
/// authenticated.
pub(crate) fn intent_tried(tx: &mut Tx, intent: &str, tried: &Tried, counts: bool) {
    checkout::intent_tried(tx, intent, tried);
    let owner = tx.find("payment_intent", intent).and_then(|i| value::text(i, "_invoice"));
    let Some(mut invoice) = owner.and_then(|id| tx.find("invoice", id)).cloned() else { return };
    let before = tx.seen(&invoice);
    if counts {
        count(&mut invoice);
    }
    match tried {
        Tried::Paid(_) => drop(paid(tx, invoice, &before)),
        Tried::Processing(_) => drop(processing(tx, invoice, &before)),
        Tried::Failed(_) => unpaid(tx, invoice, &before, false),
        Tried::NeedsAction(_) => unpaid(tx, invoice, &before, true),
    }
}

fn count(invoice: &mut Value) {
    let count = value::int(invoice, "attempt_count") + 1;
    value::set(invoice, "attempt_count", count);
    value::set(invoice, "attempted", true);
    value::set(invoice, "_nothing_to_charge", false);
}

fn paid(tx: &mut Tx, mut invoice: Value, before: &Seen) -> Value {
    let id = value::id(&invoice).to_owned();
    mark_paid(tx, &mut invoice);
    tx.put(invoice.clone());
    let payment = payments::settle_invoice_payment(tx, &invoice);
    tx.emit_changed("invoice.updated", before, &id);
    tx.emit("invoice.paid", &invoice);
    tx.emit("invoice.payment_succeeded", &invoice);
    tx.emit("invoice_payment.paid", &payment);
    subscriptions::invoice_paid(tx, &invoice);
    invoice
}

/// The bank has not answered: the invoice stays open until it has.
fn processing(tx: &mut Tx, mut invoice: Value, before: &Seen) -> Value {
    let id = value::id(&invoice).to_owned();
    value::set(&mut invoice, "next_payment_attempt", Value::Null);
    tx.put(invoice.clone());
    tx.emit_changed("invoice.updated", before, &id);
    invoice
}

fn unpaid(tx: &mut Tx, mut invoice: Value, before: &Seen, asks_action: bool) {
    let id = value::id(&invoice).to_owned();
    advance::plan_retry(tx, &mut invoice);
    tx.put(invoice.clone());
    tx.emit_changed("invoice.updated", before, &id);
    if asks_action {
        tx.emit("invoice.payment_action_required", &invoice);
    }
    tx.emit("invoice.payment_failed", &invoice);
    subscriptions::invoice_failed(tx, &invoice);
}

/// Paid by other means: no charge, and no `invoice.payment_succeeded`.
fn out_of_band(tx: &mut Tx, mut invoice: Value) -> Value {
    let id = value::id(&invoice).to_owned();
    let before = tx.seen(&invoice);
    let due = value::int(&invoice, "amount_due");
    mark_paid(tx, &mut invoice);
    value::set(&mut invoice, "amount_paid_off_stripe", due);
    tx.put(invoice.clone());
    tx.emit_changed("invoice.updated", &before, &id);
    tx.emit("invoice.paid", &invoice);
    payments::cancel_for_invoice(tx, &invoice, None);
    subscriptions::invoice_paid(tx, &invoice);
    invoice
}
