//! What a note does to its invoice, the customer's balance and the charge.

use serde_json::{Value, json};

use super::split::Split;
use crate::{
    customers::{self, Why},
    invoices,
    refunds::{self, Asked},
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// Does it; writes on the note what came of it.
///
/// # Errors
/// Nothing was charged that could be refunded.
pub(super) fn apply(tx: &mut Tx, note: &mut Value, invoice: &Value, split: &Split) -> Result<(), Refusal> {
    let post = split.post();
    value::set(note, "pre_payment_amount", split.pre);
    value::set(note, "post_payment_amount", post);
    value::set(note, "type", if post > 0 { "post_payment" } else { "pre_payment" });
    let mut shown: Vec<Value> = split.refunds.iter().map(|(id, amount)| of_refund(id, *amount)).collect();
    if split.refund > 0 {
        let refund = refund(tx, invoice, split.refund)?;
        shown.push(of_refund(value::id(&refund), split.refund));
    }
    value::set(note, "refunds", shown);
    if split.credit > 0 {
        let made = credit(tx, note, invoice, split.credit);
        value::set(note, "customer_balance_transaction", value::or_null(made));
    }
    if split.pre > 0 {
        invoices::credited(tx, invoice, split.pre);
    }
    if post > 0 {
        invoices::credited_after_payment(tx, invoice, post);
    }
    Ok(())
}

fn of_refund(id: &str, amount: i64) -> Value {
    json!({"amount_refunded": amount, "payment_record_refund": null, "refund": id, "type": "refund"})
}

fn refund(tx: &mut Tx, invoice: &Value, amount: i64) -> Result<Value, Refusal> {
    let intent = value::text(invoice, "_payment_intent").and_then(|id| tx.find("payment_intent", id));
    let charge = intent.and_then(|intent| value::text(intent, "latest_charge"));
    let charge = charge.and_then(|id| tx.find("charge", id)).filter(|charge| charge["status"] == "succeeded");
    let charge = charge.cloned().ok_or_else(|| {
        refusal::invalid("This invoice was not paid by a charge, so nothing can be refunded. Use credit_amount or out_of_band_amount.")
            .with_param("refund_amount")
    })?;
    let asked = Asked { amount: Some(amount), ..Asked::default() };
    refunds::refund(tx, charge, asked, |_| {}).map_err(|refused| refused.with_param("refund_amount"))
}

fn credit(tx: &mut Tx, note: &Value, invoice: &Value, amount: i64) -> Option<String> {
    let before = value::text(invoice, "customer").and_then(|id| tx.find("customer", id)).cloned()?;
    let mut after = before.clone();
    value::set(&mut after, "balance", value::int(&before, "balance") - amount);
    let currency = value::text(invoice, "currency").unwrap_or_default();
    let why =
        Why { kind: "credit_note", invoice: Some(value::id(invoice)), credit_note: Some(value::id(note)) };
    let made = customers::record_balance(tx, &before, &after, currency, why);
    tx.change("customer.updated", &before, after);
    made.map(|made| value::id(&made).to_owned())
}
