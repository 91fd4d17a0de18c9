//! `POST /v1/invoices/{invoice}`: a draft wholly, an open one in what does not
//! change what is owed.

use serde_json::Value;

use super::{advance, object, params, recalculate, terms};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

/// What can be changed after finalization (Stripe's API, Update an invoice).
const ALWAYS: &[&str] = &["auto_advance", "default_payment_method", "expand", "metadata"];

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("invoice", call.id())?;
    if value::text(&before, "status") != Some("draft")
        && let Some(fixed) = call.params.keys().find(|name| !ALWAYS.contains(&name.as_str()))
    {
        return Err(object::not_editable(&format!(
            "Finalized invoices can't be updated in this way: `{fixed}` can only be changed on a draft."
        ))
        .with_param(fixed));
    }
    let shown = tx.seen(&before);
    let mut after = before.clone();
    params::fill(tx, &mut after, call)?;
    terms::fill(tx, &mut after, call, false)?;
    if value::text(&before, "status") != Some("draft") {
        value::set(&mut after, "automatically_finalizes_at", Value::Null);
        if call.has("auto_advance") && after["status"] == "open" {
            advance::plan_first(tx, &mut after);
        }
    }
    if after["status"] == "draft" {
        recalculate(tx, &mut after);
    }
    tx.put(after.clone());
    tx.emit_changed("invoice.updated", &shown, call.id());
    Ok(after)
}
