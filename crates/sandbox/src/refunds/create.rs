//! `POST /v1/refunds`: by payment intent or by charge.

use serde_json::{Value, json};

use super::{object, progress};
use crate::{
    balance, money,
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// What a refund is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// Everything that is left, unless it says how much.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<&'a str>,
}

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let charge = charge(tx, call)?;
    let amount = call.params.get("amount").map(|given| money::positive(given, "amount")).transpose()?;
    let mut refund = refund(tx, charge, Asked { amount, reason: call.text("reason") }, |refund| {
        value::merge_metadata(refund, &call.params);
    })?;
    if let Some(stored) = tx.get(value::id(&refund)) {
        refund = stored.clone();
    }
    Ok(refund)
}

/// Refunds a charge, whole: the refund, its balance, the events. `note` writes what else
/// the refund shall show.
///
/// # Errors
/// Nothing is left of it, more than is left, or it is disputed.
pub(crate) fn refund(
    tx: &mut Tx,
    mut charge: Value,
    asked: Asked<'_>,
    note: impl FnOnce(&mut Value),
) -> Result<Value, Refusal> {
    let left = left(&charge)?;
    let currency = value::text(&charge, "currency").unwrap_or_default().to_owned();
    let amount = asked.amount.unwrap_or(left);
    money::payable(amount, &currency, "amount")?;
    if amount > left {
        let (asked, left) = (money::shown(amount, &currency), money::shown(left, &currency));
        return Err(refusal::invalid(format!(
            "Refund amount ({asked}) is greater than unrefunded amount on charge ({left})."
        ))
        .with_param("amount"));
    }
    undisputed(tx, &charge)?;
    let mut refund = object::fresh(tx, &charge, amount, "refund");
    value::set(&mut refund, "reason", value::or_null(asked.reason));
    note(&mut refund);
    progress::plan(tx, &charge, &mut refund);
    balance::of_refund(tx, &mut refund, &charge);
    tx.put(refund.clone());
    let refunded = value::int(&charge, "amount_refunded") + amount;
    let whole = refunded >= value::int(&charge, "amount");
    value::set(&mut charge, "amount_refunded", refunded);
    value::set(&mut charge, "refunded", whole);
    tx.put(charge.clone());
    tx.emit("refund.created", &refund);
    tx.emit("charge.refunded", &charge);
    progress::to_cash(tx, &charge, &refund);
    Ok(refund)
}

/// Money that the bank has taken back already cannot be given back once more.
fn undisputed(tx: &Tx, charge: &Value) -> Result<(), Refusal> {
    let id = value::id(charge);
    let mut disputes = tx.pointing_at("dispute", id).into_iter();
    let taken =
        disputes.any(|dispute| dispute["is_charge_refundable"] == false && dispute["status"] != "won");
    if taken {
        return Err(refusal::invalid(format!("Charge {id} has been charged back; cannot issue a refund."))
            .with_code("charge_disputed"));
    }
    Ok(())
}

/// The charge to refund.
fn charge(tx: &Tx, call: &Call) -> Result<Value, Refusal> {
    match (call.text("payment_intent"), call.text("charge")) {
        (Some(_), Some(_)) => Err(refusal::exclusive("payment_intent", "charge")),
        (None, Some(id)) => tx.at_param("charge", id, "charge"),
        (Some(id), None) => {
            let intent = tx.at_param("payment_intent", id, "payment_intent")?;
            let latest = value::text(&intent, "latest_charge").and_then(|id| tx.find("charge", id));
            latest.filter(|charge| charge["status"] == "succeeded").cloned().ok_or_else(|| {
                refusal::invalid(format!(
                    "This PaymentIntent ({id}) does not have a successful charge to refund."
                ))
                .with_param("payment_intent")
            })
        }
        (None, None) => Err(refusal::invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
        )
        .with_code("parameter_missing")),
    }
}

/// What can still be refunded.
fn left(charge: &Value) -> Result<i64, Refusal> {
    let id = value::id(charge);
    if charge["status"] == "pending" {
        return Err(refusal::invalid(format!(
            "Charge {id} is pending; it can be refunded once the bank has paid."
        )));
    }
    if charge["status"] != "succeeded" {
        return Err(refusal::invalid(format!("Charge {id} has failed, so there is nothing to refund.")));
    }
    if charge["refunded"] == true {
        return Err(refusal::invalid(format!("Charge {id} has already been refunded."))
            .with_code("charge_already_refunded"));
    }
    if charge["captured"] == json!(false) {
        return Err(refusal::invalid(format!(
            "Charge {id} has not been captured. Cancel its PaymentIntent to release the money."
        )));
    }
    let left = value::int(charge, "amount") - value::int(charge, "amount_refunded");
    if left > 0 {
        return Ok(left);
    }
    Err(refusal::invalid(format!("Charge {id} has already been refunded."))
        .with_code("charge_already_refunded"))
}
