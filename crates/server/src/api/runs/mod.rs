//! `/runs`: executions of workflows.

pub(crate) mod cancel;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod stream;

use engine::RunView;
use serde_json::{Value, json};
use store::Run;

use crate::mask::masked;

/// A run without its steps.
fn row(run: &Run) -> Value {
    json!({
        "runId": run.id,
        "workflowId": run.workflow,
        "workflow": run.key,
        "workflowVersion": run.version,
        "status": run.status,
        "mode": run.binding.mode,
        "account": run.binding.account,
        "connectionId": run.binding.connection,
        "cause": run.cause.canonical(),
        "createdAt": run.created_at,
        "endedAt": run.ended_at,
    })
}

/// A run with its steps, secrets masked.
fn whole(view: &RunView) -> Value {
    masked(serde_json::to_value(view).unwrap_or(Value::Null))
}
