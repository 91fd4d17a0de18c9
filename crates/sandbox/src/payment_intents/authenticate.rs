//! The customer's side of 3D Secure: what the page behind `next_action` does. No
//! request of the API's user causes it, so the events name none.

use serde_json::Value;

use super::state;
use crate::{
    invoices, payment_methods,
    payments::{self, Tried},
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// Ends an authentication, well or not. Answers the intent either way: that the bank
/// or the customer refused is no error of this page.
///
/// # Errors
/// Unknown, or not waiting for the customer.
pub(crate) fn as_customer(tx: &mut Tx, id: &str, completes: bool) -> Result<Value, Refusal> {
    let intent = tx.at_path("payment_intent", id)?;
    state::only_in(tx, &intent, &["requires_action"], "cannot be authenticated", "authenticated")?;
    let method = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let method =
        method.ok_or_else(|| refusal::invalid("The payment method of this PaymentIntent is gone."))?;
    if intent["next_action"]["type"] == "display_bank_transfer_instructions" {
        return Err(refusal::invalid(
            "This PaymentIntent waits for a bank transfer. Fund the cash balance of its customer.",
        ));
    }
    let tried = if completes {
        payments::authenticated(tx, intent, &method)
    } else {
        Tried::Failed(payments::not_authenticated(tx, intent, &method))
    };
    invoices::intent_tried(tx, id, &tried, false);
    tx.at_path("payment_intent", id)
}
