//! Going back: what there is as one piece of JSON, and a sandbox as it was then.

use serde_json::{Value, json};

use super::closed;
use crate::{
    core::Shared,
    state::Snapshot,
    wire::{Refusal, refusal},
};

/// `GET /_sandbox/snapshot`.
pub(super) fn take(shared: &Shared) -> Result<Value, Refusal> {
    serde_json::to_value(snapshot(shared))
        .map_err(|e| refusal::broken(&format!("The snapshot cannot be written as JSON: {e}.")))
}

/// What there is now, once everything due has happened.
pub(crate) fn snapshot(shared: &Shared) -> Snapshot {
    let mut core = shared.core();
    shared.catch_up(&mut core);
    core.state.snapshot()
}

/// `POST /_sandbox/restore`, with what the other answered.
pub(super) async fn put_back(shared: &Shared, body: &[u8]) -> Result<Value, Refusal> {
    let snapshot = serde_json::from_slice(body)
        .map_err(|e| refusal::invalid(format!("This is no snapshot: {e}. Nothing was changed.")))?;
    let objects = restore(shared, snapshot).await?;
    Ok(json!({"restored": objects, "now_ms": shared.clock.now_ms()}))
}

/// Makes the sandbox what it was. How many objects there are.
///
/// # Errors
/// The snapshot is of other accounts, or the log cannot be written.
pub(crate) async fn restore(shared: &Shared, snapshot: Snapshot) -> Result<usize, Refusal> {
    let (objects, seq) = {
        let mut core = shared.core();
        let records = core.state.back_to(snapshot).map_err(refusal::invalid)?;
        let objects = records.iter().map(|record| record.puts.len()).sum();
        let mut seq = core.seq;
        for record in records {
            seq = core.commit(record).map_err(|_| closed())?;
        }
        shared.clock.set_offset_ms(core.state.offset_ms);
        core.faults.clear();
        (objects, seq)
    };
    if !shared.durable(seq).await {
        return Err(closed());
    }
    shared.wake.notify_one();
    Ok(objects)
}
