//! `POST /v1/invoices/{invoice}/send`: finalizes a draft first. No e-mail leaves; in
//! test mode Stripe sends none either.

use serde_json::Value;

use super::{finalize::finalize, object};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut invoice = tx.at_path("invoice", call.id())?;
    if invoice["collection_method"] != "send_invoice" {
        return Err(refusal::invalid(
            "You can only manually send an invoice if its collection method is 'send_invoice'.",
        ));
    }
    if invoice["status"] == "draft" {
        invoice = finalize(tx, invoice)?;
    } else if invoice["status"] != "open" {
        return Err(object::not_editable(&format!(
            "This invoice cannot be sent because it is {}; only a draft or an open invoice can be.",
            value::text(&invoice, "status").unwrap_or_default()
        )));
    }
    tx.emit("invoice.sent", &invoice);
    Ok(invoice)
}
