//! The customer's side of an invoice: look at it, pay it.

use serde_json::{Value, json};

use super::customer::act;
use crate::{
    core::Shared,
    invoices, value,
    wire::{Refusal, refusal},
};

/// Pays an invoice as the customer would on its hosted page.
///
/// # Errors
/// Stripe's error; a declined attempt stays recorded.
pub(crate) async fn pay(shared: &Shared, invoice: &str, method: &str) -> Result<Value, Refusal> {
    act(shared, invoice, |tx| invoices::as_customer(tx, invoice, method)).await
}

/// What the hosted page shows, for whoever asks for no page.
pub(super) fn hosted(shared: &Shared, id: &str) -> Result<Value, Refusal> {
    let invoice = super::shown(shared, id).filter(|o| value::text(o, "object") == Some("invoice"));
    let invoice = invoice.ok_or_else(|| refusal::missing("invoice", id, "id").with_status(404))?;
    Ok(json!({
        "invoice": id,
        "number": invoice["number"],
        "status": invoice["status"],
        "amount_due": invoice["amount_due"],
        "currency": invoice["currency"],
        "customer_name": invoice["customer_name"],
        "to_pay": format!("POST {}/_sandbox/invoices/{id}/pay", shared.base()),
    }))
}
