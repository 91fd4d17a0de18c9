//! Refunds (Stripe's API, Refunds): whole or in parts, never more than is left of the
//! charge. A card's succeeds at once, a bank account's is pending for a while. Stripe keeps
//! its fee.

mod create;
mod object;
mod progress;
mod update;

use serde_json::Value;

use crate::{
    registry::{Row, list, retrieve, run},
    state::Tx,
    value,
    wire::{
        Call, Refusal,
        list::{Filter, Listing},
        refusal,
    },
};

pub(crate) use create::{Asked, refund};
pub(crate) use object::{Released, release};
pub(crate) use progress::{as_bank, due_at, perform_due};

pub(crate) static ROWS: &[Row] = &[
    run("refunds.create", &["amount", "charge", "metadata", "payment_intent", "reason"], create::run),
    retrieve("refunds.retrieve", "refund"),
    list("refunds.list", &REFUNDS),
    run("refunds.update", &["metadata"], update::run),
    run("refunds.cancel", &[], cancel),
];

static REFUNDS: Listing = Listing {
    kind: "refund",
    parent: None,
    filters: &[
        Filter::Equal("charge"),
        Filter::Equal("payment_intent"),
        Filter::Within("created", "created"),
    ],
};

/// `POST /v1/refunds/{refund}/cancel`: only what waits for the customer can be
/// canceled, and a card's refund never does.
fn cancel(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let refund = tx.at_path("refund", call.id())?;
    let status = value::text(&refund, "status").unwrap_or_default();
    Err(refusal::invalid(format!(
        "This refund cannot be canceled because it has a status of {status}. Only a refund with the status requires_action can be."
    )))
}
