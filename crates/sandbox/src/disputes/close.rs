//! `POST /v1/disputes/{dispute}/close`: gives in, for good.

use serde_json::Value;

use super::decide;
use crate::{
    state::Tx,
    wire::{Call, Refusal, refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let dispute = tx.at_path("dispute", call.id())?;
    decide::only_open(&dispute)?;
    if matches!(dispute["status"].as_str(), Some("under_review" | "warning_under_review")) {
        return Err(refusal::invalid(
            "This dispute cannot be closed: its evidence has been submitted, and the bank decides.",
        ));
    }
    Ok(decide::end(tx, dispute, false))
}
