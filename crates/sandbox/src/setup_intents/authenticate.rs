//! The customer's side of 3D Secure: what the page behind `next_action` does.

use serde_json::Value;

use super::{object, outcome, state};
use crate::{
    payment_methods,
    payment_methods::cards::Does,
    payments,
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
    let intent = tx.at_path("setup_intent", id)?;
    state::only_in(tx, &intent, &["requires_action"], "authenticate")?;
    let method = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let method = method.ok_or_else(|| refusal::invalid("The payment method of this SetupIntent is gone."))?;
    let attempt = value::text(&intent, "latest_attempt").unwrap_or_default().to_owned();
    let mut attempt = tx.at_param("setup_attempt", &attempt, "latest_attempt")?;
    object::authenticated(tx, &mut attempt, completes);
    match (completes, payments::does(&method)) {
        (false, _) => {
            outcome::failed(tx, intent, attempt, &method, outcome::not_authenticated());
        }
        // What this card is refused for is money, and none is asked for.
        (true, Does::Decline(decline)) if payments::bank(&method).is_none() => {
            outcome::failed(tx, intent, attempt, &method, decline.refusal());
        }
        (true, _) => {
            let mut method = method;
            if method["_unverified"] == true {
                value::set(&mut method, "_unverified", false);
                tx.put(method.clone());
            }
            outcome::set_up(tx, intent, attempt, &method)?;
        }
    }
    tx.at_path("setup_intent", id)
}
