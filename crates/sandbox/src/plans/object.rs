//! The price that is a plan.

use serde_json::Value;

use crate::{
    state::Tx,
    wire::{Refusal, refusal},
};

/// The price of the plan that the path names.
///
/// # Errors
/// 404 `resource_missing`, also for a price that is paid once and for a deleted plan.
pub(super) fn at_path(tx: &Tx, id: &str) -> Result<Value, Refusal> {
    let is_plan = |price: &&Value| price["recurring"].is_object() && price.get("_no_plan").is_none();
    let found = tx.find("price", id).filter(is_plan).cloned();
    found.ok_or_else(|| refusal::missing("plan", id, "id").with_status(404))
}
