//! Rate limits on request.

use serde_json::{Map, Value, json};

use crate::{
    Limits,
    core::Shared,
    wire::{Refusal, refusal},
};

/// `GET /_sandbox/limits`.
pub(super) fn show(shared: &Shared) -> Value {
    json!(shared.core().limiter.limits())
}

/// `POST /_sandbox/limits {"read_per_second": 25, "write_per_second": 25}`; what is left out
/// has no limit.
pub(super) fn change(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let limits = serde_json::from_value(Value::Object(body.clone()))
        .map_err(|e| refusal::invalid(format!("These are no limits: {e}. Nothing was changed.")))?;
    limit(shared, limits)?;
    Ok(json!(limits))
}

/// # Errors
/// A limit that cannot be.
pub(crate) fn limit(shared: &Shared, limits: Limits) -> Result<(), Refusal> {
    if let Some(wrong) = limits.wrong() {
        return Err(refusal::invalid(wrong));
    }
    shared.core().limiter.set(limits);
    Ok(())
}
