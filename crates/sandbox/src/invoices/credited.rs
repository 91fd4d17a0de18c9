//! What credit notes do to their invoice.

use serde_json::{Value, json};

use super::finalize::mark_paid;
use crate::{payments, state::Tx, subscriptions, value};

/// The invoice asks for so much less, or more again when the amount is negative. With
/// nothing left to ask for it is paid.
pub(crate) fn credited(tx: &mut Tx, invoice: &Value, amount: i64) {
    let mut after = invoice.clone();
    let before = tx.seen(invoice);
    let id = value::id(invoice).to_owned();
    for (field, change) in
        [("pre_payment_credit_notes_amount", amount), ("amount_due", -amount), ("amount_remaining", -amount)]
    {
        let sum = value::int(&after, field) + change;
        value::set(&mut after, field, sum);
    }
    let left = value::int(&after, "amount_remaining");
    if left > 0 {
        ask_for(tx, &after, left);
        tx.put(after);
        tx.emit_changed("invoice.updated", &before, &id);
        return;
    }
    mark_paid(tx, &mut after);
    value::set(&mut after, "attempted", invoice["attempted"].clone());
    tx.put(after.clone());
    tx.emit_changed("invoice.updated", &before, &id);
    tx.emit("invoice.paid", &after);
    payments::cancel_for_invoice(tx, &after, None);
    subscriptions::invoice_paid(tx, &after);
}

/// The payment of the invoice is over another amount now.
fn ask_for(tx: &mut Tx, invoice: &Value, left: i64) {
    let part = |tx: &Tx, field: &str| value::text(invoice, field).and_then(|id| tx.get(id)).cloned();
    if let Some(mut intent) = part(tx, "_payment_intent") {
        value::set(&mut intent, "amount", left);
        tx.put(intent);
    }
    if let Some(mut payment) = part(tx, "_payment") {
        value::set(&mut payment, "amount_requested", json!(left));
        tx.put(payment);
    }
}

/// So much of a paid invoice was given back.
pub(crate) fn credited_after_payment(tx: &mut Tx, invoice: &Value, amount: i64) {
    let Some(stored) = tx.find("invoice", value::id(invoice)).cloned() else { return };
    let mut after = stored.clone();
    let sum = value::int(&stored, "post_payment_credit_notes_amount") + amount;
    value::set(&mut after, "post_payment_credit_notes_amount", sum);
    tx.change("invoice.updated", &stored, after);
}
