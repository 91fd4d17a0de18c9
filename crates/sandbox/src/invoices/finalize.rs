//! `POST /v1/invoices/{invoice}/finalize`: the number is given, the balance settled,
//! the payment intent made. What asks for nothing is paid at once.

use serde_json::{Value, json};

use super::{advance, balance, object, recalculate, terms};
use crate::{
    currency,
    customers::{self, Why},
    money, payments,
    state::Tx,
    subscriptions, value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut invoice = tx.at_path("invoice", call.id())?;
    if let Some(advance) = call.flag("auto_advance") {
        value::set(&mut invoice, "auto_advance", advance);
    }
    finalize(tx, invoice)
}

/// Finalizes a draft that is not stored with its latest changes yet.
///
/// # Errors
/// No draft, its customer is gone, or too much for one payment.
pub(crate) fn finalize(tx: &mut Tx, mut invoice: Value) -> Result<Value, Refusal> {
    if value::text(&invoice, "status") != Some("draft") {
        return Err(object::not_editable(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
        ));
    }
    let id = value::id(&invoice).to_owned();
    let before = tx.get(&id).map(|stored| tx.seen(stored)).unwrap_or_default();
    recalculate(tx, &mut invoice);
    terms::spend(tx, &invoice);
    let settled = settle(tx, &mut invoice)?;
    stamp(tx, &mut invoice);
    if settled.due == 0 {
        mark_paid(tx, &mut invoice);
        tx.put(invoice.clone());
        tx.emit("invoice.finalized", &invoice);
        tx.emit_changed("invoice.updated", &before, &id);
        tx.emit("invoice.paid", &invoice);
        subscriptions::invoice_paid(tx, &invoice);
        return Ok(invoice);
    }
    value::set(&mut invoice, "status", "open");
    advance::plan_first(tx, &mut invoice);
    let (intent, payment) = payments::for_invoice(tx, &invoice, settled.due);
    value::set(&mut invoice, "_payment_intent", value::id(&intent));
    value::set(&mut invoice, "_payment", value::id(&payment));
    tx.put(intent.clone());
    tx.put(payment);
    tx.put(invoice.clone());
    tx.emit("invoice.finalized", &invoice);
    tx.emit_changed("invoice.updated", &before, &id);
    tx.emit("payment_intent.created", &intent);
    Ok(invoice)
}

/// Settles the invoice with its customer's balance, and gives it its number.
fn settle(tx: &mut Tx, invoice: &mut Value) -> Result<balance::Settled, Refusal> {
    let customer = value::text(invoice, "customer").unwrap_or_default().to_owned();
    let before = tx.find("customer", &customer).cloned().ok_or_else(|| {
        refusal::invalid("The customer of this invoice has been deleted; the invoice cannot be finalized.")
    })?;
    let code = value::text(invoice, "currency").unwrap_or_default().to_owned();
    let payable = balance::Payable { least: currency::least_charge(&code), step: currency::step(&code) };
    let settled = balance::settle(value::int(invoice, "total"), value::int(&before, "balance"), payable);
    money::not_too_large(settled.due, &code, "amount")?;
    value::set(invoice, "ending_balance", settled.balance);
    value::set(invoice, "amount_due", settled.due);
    value::set(invoice, "amount_remaining", settled.due);
    let mut after = before.clone();
    if invoice["number"].is_null() {
        let sequence = value::int(&before, "next_invoice_sequence").max(1);
        let prefix = value::text(&before, "invoice_prefix").unwrap_or("BILL");
        value::set(invoice, "number", format!("{prefix}-{sequence:04}"));
        value::set(&mut after, "next_invoice_sequence", sequence + 1);
    }
    value::set(&mut after, "balance", settled.balance);
    if after["balance"] == before["balance"] {
        // The sequence alone is no event at Stripe.
        tx.put(after);
    } else {
        let kind = match value::int(invoice, "total") {
            total if total > 0 && settled.due == 0 && settled.balance > 0 => "invoice_too_small",
            _ => "applied_to_invoice",
        };
        let why = Why { kind, invoice: Some(value::id(invoice)), credit_note: None };
        customers::record_balance(tx, &before, &after, &code, why);
        tx.change("customer.updated", &before, after);
    }
    Ok(settled)
}

/// Writes on a preview what finalization would ask for.
///
/// # Errors
/// The customer is gone, or too much for one payment.
pub(super) fn preview(tx: &mut Tx, invoice: &mut Value) -> Result<(), Refusal> {
    object::only_draft(invoice)?;
    settle(tx, invoice)?;
    value::set(invoice, "number", Value::Null);
    Ok(())
}

/// Times that finalization sets.
fn stamp(tx: &Tx, invoice: &mut Value) {
    let now = tx.now();
    invoice["status_transitions"]["finalized_at"] = json!(now);
    value::set(invoice, "automatically_finalizes_at", Value::Null);
    value::set(invoice, "webhooks_delivered_at", now);
    if invoice["effective_at"].is_null() {
        value::set(invoice, "effective_at", now);
    }
    if let Some(days) = invoice["_days_until_due"].as_i64() {
        value::set(invoice, "due_date", now + days * 86_400);
    }
}

/// Writes that nothing is owed any more.
pub(super) fn mark_paid(tx: &Tx, invoice: &mut Value) {
    let due = value::int(invoice, "amount_due");
    value::set(invoice, "status", "paid");
    value::set(invoice, "amount_paid", due);
    value::set(invoice, "amount_remaining", 0);
    value::set(invoice, "attempted", true);
    value::set(invoice, "auto_advance", false);
    value::set(invoice, "next_payment_attempt", Value::Null);
    invoice["status_transitions"]["paid_at"] = json!(tx.now());
}
