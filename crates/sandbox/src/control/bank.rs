//! What banks and cardholders do: they dispute charges and decide about that, and send
//! refunds and payouts back.

use serde_json::{Map, Value};

use super::customer::act;
use crate::{
    core::Shared,
    disputes, payouts, refunds,
    wire::{Refusal, refusal},
};

/// What a bank or a cardholder does to the object of an id.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    /// Disputes a charge for this reason.
    Disputed(&'a str),
    /// Asks about a charge.
    AskedAbout(&'a str),
    /// Decides a dispute, for the account or against it.
    Decided { won: bool },
    /// Does not credit a refund.
    RefundFailed,
    /// Sends a payout back.
    PayoutFailed,
}

/// Does it. Answers the object that came of it, or that was changed.
///
/// # Errors
/// Stripe's error: unknown, or in no state for this.
pub(crate) async fn act_as_bank(shared: &Shared, id: &str, outcome: Outcome<'_>) -> Result<Value, Refusal> {
    act(shared, id, |tx| match outcome {
        Outcome::Disputed(reason) => disputes::as_cardholder(tx, id, reason, false),
        Outcome::AskedAbout(reason) => disputes::as_cardholder(tx, id, reason, true),
        Outcome::Decided { won } => disputes::as_bank(tx, id, won),
        Outcome::RefundFailed => refunds::as_bank(tx, id),
        Outcome::PayoutFailed => payouts::as_bank(tx, id),
    })
    .await
}

/// `{"charge": "ch_…", "reason": "fraudulent", "inquiry": false}`.
pub(super) async fn dispute(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let charge = body.get("charge").and_then(Value::as_str);
    let charge = charge.ok_or_else(|| {
        refusal::invalid("`charge` must be the id of a charge. Nothing was changed.").with_param("charge")
    })?;
    let reason = body.get("reason").and_then(Value::as_str).unwrap_or("fraudulent");
    let inquiry = body.get("inquiry").and_then(Value::as_bool).unwrap_or(false);
    let outcome = if inquiry { Outcome::AskedAbout(reason) } else { Outcome::Disputed(reason) };
    act_as_bank(shared, charge, outcome).await
}

/// `{"result": "won"}`, or `lost`.
pub(super) async fn decide(shared: &Shared, id: &str, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let won = match body.get("result").and_then(Value::as_str) {
        Some("won") => true,
        Some("lost") => false,
        _ => {
            return Err(refusal::invalid("`result` must be \"won\" or \"lost\". Nothing was changed.")
                .with_param("result"));
        }
    };
    act_as_bank(shared, id, Outcome::Decided { won }).await
}

pub(super) async fn fail_refund(shared: &Shared, id: &str) -> Result<Value, Refusal> {
    act_as_bank(shared, id, Outcome::RefundFailed).await
}

pub(super) async fn fail_payout(shared: &Shared, id: &str) -> Result<Value, Refusal> {
    act_as_bank(shared, id, Outcome::PayoutFailed).await
}
