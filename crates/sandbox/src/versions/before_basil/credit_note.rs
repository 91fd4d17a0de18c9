//! The credit note with its one refund, and taxes that named their rates.

use serde_json::Value;

use super::{super::ObjectChange, line::tax_amounts};
use crate::{state::Tx, value};

pub(super) const NOTE: ObjectChange = ObjectChange {
    what: "a credit note had one refund and its taxes named their rates",
    object: "credit_note",
    gives: &["refund", "tax_amounts"],
    undo: note,
};

pub(super) const LINE: ObjectChange = ObjectChange {
    what: "a line of a credit note showed its amounts without taxes, and its taxes named their rates",
    object: "credit_note_line_item",
    gives: &["amount_excluding_tax", "tax_amounts", "unit_amount_excluding_tax"],
    undo: line,
};

fn note(_: &Tx, note: &mut Value) {
    let refund = note["refunds"].as_array().and_then(|all| all.first()).map(|one| one["refund"].clone());
    value::set(note, "refund", refund.unwrap_or_default());
    let taxes = tax_amounts(&note["total_taxes"]);
    value::set(note, "tax_amounts", taxes);
}

fn line(_: &Tx, line: &mut Value) {
    let taxes = line["taxes"].as_array().into_iter().flatten();
    let inside: i64 =
        taxes.filter(|tax| tax["tax_behavior"] == "inclusive").map(|tax| value::int(tax, "amount")).sum();
    let net = value::int(line, "amount") - inside;
    let each = net / value::int(line, "quantity").max(1);
    let amounts = tax_amounts(&line["taxes"]);
    value::set(line, "amount_excluding_tax", net);
    value::set(line, "unit_amount_excluding_tax", each.to_string());
    value::set(line, "tax_amounts", amounts);
}
