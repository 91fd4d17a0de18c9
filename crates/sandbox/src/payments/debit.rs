//! Debits of bank accounts: a payment is `processing` until the bank has answered on the
//! sandbox's clock (Stripe's docs, ACH Direct Debit; SEPA Direct Debit).

use serde_json::{Value, json};

use super::{
    attempt::bank,
    charge,
    outcome::{Tried, failed},
    paid::{keep_method, take},
};
use crate::{
    balance, disputes, invoices,
    payment_methods::{self, Bank, banks::Ends},
    state::Tx,
    value,
    wire::refusal,
};

/// How long the two small deposits take that prove an account (two business days; here a
/// day).
const DEPOSITS_S: i64 = 86_400;

/// Begins a debit. Returns the intent.
pub(super) fn begin(tx: &mut Tx, mut intent: Value, method: &Value, bank: &Bank) -> Value {
    keep_method(tx, &intent, method, false);
    let mandate = payment_methods::agree(tx, method, intent.get("_mandate_data").cloned().as_ref());
    let mut charge = charge::pending(tx, &intent, method);
    charge["payment_method_details"][bank.kind]["mandate"] = json!(mandate);
    value::set(&mut intent, "latest_charge", charge["id"].clone());
    value::set(&mut intent, "last_payment_error", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    value::set(&mut intent, "status", "processing");
    let answers = (bank.ends != Ends::Never).then(|| tx.now() + bank.after_s);
    value::set(&mut intent, "_settles_at", answers);
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.pending", &charge);
    tx.emit("payment_intent.processing", &intent);
    intent
}

/// The bank answers.
pub(crate) fn end(tx: &mut Tx, mut intent: Value) {
    let id = value::id(&intent).to_owned();
    value::set(&mut intent, "_settles_at", Value::Null);
    let method = value::text(&intent, "payment_method").and_then(|id| payment_methods::known(tx, id));
    let charge = value::text(&intent, "latest_charge").and_then(|id| tx.find("charge", id)).cloned();
    let (Some(method), Some(charge)) = (method, charge) else {
        tx.put(intent);
        return;
    };
    let ends = bank(&method).map_or(Ends::Paid, |bank| bank.ends);
    let tried = match ends {
        Ends::Failed(decline) => {
            let refused = refusal::invalid(decline.message).with_code(decline.code);
            let charge = charge::refused(charge.clone(), &decline);
            Tried::Failed(failed(tx, intent, &method, refused, Some(&charge)))
        }
        _ => Tried::Paid(arrived(tx, intent, charge.clone())),
    };
    invoices::intent_tried(tx, &id, &tried, false);
    if ends == Ends::Disputed {
        drop(disputes::open(tx, value::id(&charge), "debit_not_authorized", false));
    }
}

/// Calls a debit back that the bank has not answered.
pub(crate) fn stop(tx: &mut Tx, mut charge: Value) {
    value::set(&mut charge, "status", "failed");
    value::set(&mut charge, "captured", false);
    value::set(&mut charge, "amount_captured", 0);
    value::set(&mut charge, "failure_message", "The payment was canceled before the bank had answered.");
    tx.put(charge.clone());
    tx.emit("charge.failed", &charge);
}

/// The money of a pending charge is there.
pub(super) fn arrived(tx: &mut Tx, mut intent: Value, mut charge: Value) -> Value {
    take(&mut intent, &mut charge);
    value::set(&mut intent, "next_action", Value::Null);
    value::set(&mut charge, "paid", true);
    value::set(&mut charge, "status", "succeeded");
    balance::land(tx, &mut charge);
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.succeeded", &charge);
    tx.emit("payment_intent.succeeded", &intent);
    intent
}

/// Waits for the customer to say what was deposited on the account.
pub(super) fn asks_for_proof(tx: &mut Tx, mut intent: Value) -> Value {
    value::set(&mut intent, "status", "requires_action");
    let action = proof(tx, &intent);
    value::set(&mut intent, "next_action", action);
    tx.put(intent.clone());
    tx.emit("payment_intent.requires_action", &intent);
    intent
}

/// What the customer has to do to prove that an account is his.
pub(crate) fn proof(tx: &Tx, intent: &Value) -> Value {
    let kind = value::text(intent, "object").unwrap_or_default();
    let page = format!("{}/_sandbox/{kind}s/{}/authenticate", tx.base(), value::id(intent));
    let deposits = json!({
        "arrival_date": tx.now() + DEPOSITS_S,
        "hosted_verification_url": page,
        "microdeposit_type": "amounts",
    });
    json!({"type": "verify_with_microdeposits", "verify_with_microdeposits": deposits})
}
