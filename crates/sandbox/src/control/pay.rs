//! The customer's side of an invoice: look at it, pay it.

use serde_json::{Value, json};

use crate::{
    core::Shared,
    invoices,
    state::{Asking, Record, Tx},
    value,
    wire::{Refusal, refusal, render},
};

/// Pays an invoice as the customer would on its hosted page.
///
/// # Errors
/// Stripe's error; a declined attempt stays recorded.
pub(crate) async fn pay(shared: &Shared, invoice: &str, method: &str) -> Result<Value, Refusal> {
    let (result, seq) = {
        let mut core = shared.core();
        let mut tx = Tx::new(&core.state, shared.clock.now_ms(), Asking::default(), shared.base());
        let result = invoices::as_customer(&mut tx, invoice, method).map(|paid| render(&tx, &paid));
        let record = tx.into_record();
        let record = match &result {
            Err(refused) if !refused.leaves => Record { ids_next: record.ids_next, ..Record::default() },
            _ => record,
        };
        (result, core.commit(record))
    };
    let lost = || refusal::broken("The sandbox cannot write its log, so this payment may be lost.");
    let seq = seq.map_err(|_| lost())?;
    if !shared.durable(seq).await {
        return Err(lost());
    }
    shared.wake.notify_one();
    result
}

/// What the hosted page shows, for now as JSON.
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
