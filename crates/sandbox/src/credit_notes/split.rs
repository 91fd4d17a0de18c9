//! Where the money of a note goes: off what is still to be paid, or back to who paid.

use serde_json::Value;

use super::lines;
use crate::{
    money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The parts of a note, together its total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Split {
    /// Taken off what is to be paid.
    pub(super) pre: i64,
    /// To the customer's balance.
    pub(super) credit: i64,
    /// By a refund that is made now.
    pub(super) refund: i64,
    /// By refunds that were made before: their ids and how much of each.
    pub(super) refunds: Vec<(String, i64)>,
    /// By other means.
    pub(super) out_of_band: i64,
}

impl Split {
    /// What goes back to who paid.
    pub(super) fn post(&self) -> i64 {
        let before: i64 = self.refunds.iter().map(|(_, amount)| amount).sum();
        self.credit + self.refund + before + self.out_of_band
    }
}

/// How the parameters split the total over an invoice.
///
/// # Errors
/// No finalized invoice, more than is left of it, or parts that are not the total.
pub(super) fn split(tx: &Tx, call: &Call, invoice: &Value, total: i64) -> Result<Split, Refusal> {
    let currency = value::text(invoice, "currency").unwrap_or_default();
    let asked = asked(tx, call, currency)?;
    match value::text(invoice, "status") {
        Some("open" | "uncollectible") => {
            let due = value::int(invoice, "amount_remaining");
            if asked.post() > 0 {
                return Err(refusal::invalid(
                    "The invoice is not paid, so nothing can be given back: leave out refund_amount, credit_amount, out_of_band_amount and refunds.",
                )
                .with_param(first_given(call)));
            }
            at_most(total, due, currency)?;
            Ok(Split { pre: total, ..Split::default() })
        }
        Some("paid") => {
            at_most(total, creditable(tx, invoice), currency)?;
            if asked.post() != total {
                return Err(refusal::invalid(format!(
                    "The sum of credit_amount, refund_amount, out_of_band_amount and refunds ({}) must equal the total of the credit note ({}), because the invoice is paid.",
                    money::shown(asked.post(), currency),
                    money::shown(total, currency)
                ))
                .with_param(first_given(call)));
            }
            Ok(asked)
        }
        other => Err(refusal::invalid(format!(
            "You can only create a credit note for an open, paid or uncollectible invoice; this one is {}.",
            other.unwrap_or("deleted")
        ))
        .with_param("invoice")),
    }
}

/// The first parameter about giving back, or where one is missing.
fn first_given(call: &Call) -> &'static str {
    let names = ["refund_amount", "credit_amount", "out_of_band_amount", "refunds"];
    names.into_iter().find(|name| call.has(name)).unwrap_or("credit_amount")
}

/// What of a paid invoice no note has credited.
fn creditable(tx: &Tx, invoice: &Value) -> i64 {
    let notes = tx.pointing_at("credit_note", value::id(invoice));
    let issued = notes.iter().filter(|note| note["status"] == "issued");
    let credited: i64 = issued.map(|note| value::int(note, "total")).sum();
    value::int(invoice, "total") - credited
}

fn at_most(total: i64, most: i64, currency: &str) -> Result<(), Refusal> {
    if total <= most {
        return Ok(());
    }
    Err(refusal::invalid(format!(
        "The total of the credit note ({}) is greater than what is left of the invoice ({}).",
        money::shown(total, currency),
        money::shown(most.max(0), currency)
    ))
    .with_param("amount"))
}

fn asked(tx: &Tx, call: &Call, currency: &str) -> Result<Split, Refusal> {
    let amount = |name: &str| match call.params.get(name) {
        Some(given) => lines::payable(given, currency, name),
        None => Ok(0),
    };
    let mut split = Split {
        credit: amount("credit_amount")?,
        refund: amount("refund_amount")?,
        out_of_band: amount("out_of_band_amount")?,
        ..Split::default()
    };
    for (nth, one) in call.params.get("refunds").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let param = format!("refunds[{nth}]");
        if one.get("payment_record_refund").is_some() {
            let param = format!("{param}[payment_record_refund]");
            return Err(refusal::not_here(&format!("the parameter `{param}`")).with_param(&param));
        }
        let id = value::text(one, "refund").unwrap_or_default();
        let refund = tx.at_param("refund", id, &format!("{param}[refund]"))?;
        let whole = value::int(&refund, "amount");
        let part = match one.get("amount_refunded") {
            Some(given) => lines::payable(given, currency, &format!("{param}[amount_refunded]"))?,
            None => whole,
        };
        if part > whole {
            return Err(refusal::invalid(format!(
                "The refund {id} is of {} only.",
                money::shown(whole, currency)
            ))
            .with_param(&format!("{param}[amount_refunded]")));
        }
        split.refunds.push((id.to_owned(), part));
    }
    Ok(split)
}
