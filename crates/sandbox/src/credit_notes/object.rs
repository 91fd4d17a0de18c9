//! The credit note object and its lines.

use serde_json::{Value, json};

use super::lines::Credited;
use crate::{
    state::Tx,
    value,
    wire::{Call, render},
};

/// A note over what is credited; its money is not decided. Not stored yet.
pub(super) fn fresh(tx: &mut Tx, call: &Call, invoice: &Value, credited: &Credited) -> Value {
    let id = tx.ids().object("cn");
    let number = value::text(invoice, "number").unwrap_or("DRAFT");
    let nth = tx.pointing_at("credit_note", value::id(invoice)).len() + 1;
    let mut note = json!({
        "id": id,
        "object": "credit_note",
        "amount": credited.total,
        "amount_shipping": 0,
        "created": tx.now(),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": null,
        "customer_balance_transaction": null,
        "discount_amount": credited.discount,
        "discount_amounts": credited.discounts,
        "effective_at": tx.now(),
        "invoice": invoice["id"],
        "livemode": false,
        "memo": null,
        "metadata": {},
        "number": format!("{number}-CN-{nth:02}"),
        "out_of_band_amount": null,
        "post_payment_amount": 0,
        "pre_payment_amount": 0,
        "pretax_credit_amounts": [],
        "reason": null,
        "refunds": [],
        "shipping_cost": null,
        "status": "issued",
        "subtotal": credited.subtotal,
        "subtotal_excluding_tax": credited.total_excluding_tax + credited.discount,
        "total": credited.total,
        "total_excluding_tax": credited.total_excluding_tax,
        "total_taxes": credited.taxes,
        "type": "pre_payment",
        "voided_at": null,
    });
    value::assign(&mut note, &call.params, &["effective_at", "memo", "out_of_band_amount", "reason"]);
    value::merge_metadata(&mut note, &call.params);
    note
}

/// Adds to a shown note what other objects know: its lines and its address.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    let id = value::id(stored);
    let all = tx.pointing_at("credit_note_line_item", id);
    with_lines(shown, all.iter().rev().map(|line| render(tx, line)).collect());
    let page = format!("{}/_sandbox/credit_notes/{id}/pdf", tx.base());
    value::set(shown, "pdf", page);
    if let Value::Object(map) = shown {
        value::in_order(map);
    }
}

/// Shows these lines on a note.
pub(super) fn with_lines(note: &mut Value, lines: Vec<Value>) {
    let url = format!("/v1/credit_notes/{}/lines", value::id(note));
    value::set(note, "lines", value::nested_list(&url, lines));
}
