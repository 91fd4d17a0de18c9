//! `POST /v1/payment_intents/{intent}/verify_microdeposits`, and the same of setup intents:
//! whoever can say what was deposited on a bank account owns it. In test mode 32 and 45
//! cents, and the code SM11AA (Stripe's docs, ACH Direct Debit).

use serde_json::{Value, json};

use super::state;
use crate::{
    invoices, payment_methods, payments,
    payments::Tried,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

const AMOUNTS: [i64; 2] = [32, 45];
const CODE: &str = "SM11AA";

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let intent = tx.at_path("payment_intent", call.id())?;
    state::only_in(tx, &intent, &["requires_action"], "cannot be verified", "verified")?;
    let method = proven(tx, &intent, call)?;
    let tried = payments::authenticated(tx, intent, &method);
    invoices::intent_tried(tx, call.id(), &tried, false);
    match tried {
        Tried::Failed(refused) => Err(refused),
        Tried::Paid(intent) | Tried::Processing(intent) | Tried::NeedsAction(intent) => Ok(intent),
    }
}

/// The payment method of an intent once its account is proven; that is stored.
///
/// # Errors
/// The intent waits for no proof, or the proof is wrong.
pub(crate) fn proven(tx: &mut Tx, intent: &Value, call: &Call) -> Result<Value, Refusal> {
    if intent["next_action"]["type"] != "verify_with_microdeposits" {
        return Err(refusal::invalid("This intent does not wait for microdeposits to be verified."));
    }
    match (call.params.get("amounts"), call.text("descriptor_code")) {
        (Some(_), Some(_)) => return Err(refusal::exclusive("amounts", "descriptor_code")),
        (None, None) => {
            return Err(refusal::invalid("Missing required param: amounts.")
                .with_code("parameter_missing")
                .with_param("amounts"));
        }
        (Some(given), None) if !same_amounts(given) => {
            return Err(wrong("amounts_mismatch", "amounts", "The amounts do not match what was deposited."));
        }
        (None, Some(code)) if code != CODE => {
            let why = "The code does not match that of the deposit.";
            return Err(wrong("descriptor_code_mismatch", "descriptor_code", why));
        }
        _ => {}
    }
    let method = value::text(intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let mut method = method.ok_or_else(|| refusal::invalid("The payment method of this intent is gone."))?;
    value::set(&mut method, "_unverified", false);
    tx.put(method.clone());
    Ok(method)
}

fn same_amounts(given: &Value) -> bool {
    let mut given: Vec<i64> = given.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    given.sort_unstable();
    given == AMOUNTS
}

fn wrong(code: &str, param: &str, why: &str) -> Refusal {
    refusal::invalid(format!("{why} In test mode the amounts are {} and the code is {CODE}.", json!(AMOUNTS)))
        .with_code(&format!("payment_method_microdeposit_verification_{code}"))
        .with_param(param)
}
