//! A run as people see it, rebuilt from its journal.

use model::{Failure, RunId, RunStatus, StepPath, StepStatus, Timestamp, WorkflowId};
use serde::Serialize;
use serde_json::Value;

/// A run with its steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct RunView {
    pub run_id: RunId,
    pub workflow_id: WorkflowId,
    pub workflow: String,
    pub workflow_version: u32,
    pub status: RunStatus,
    pub mode: model::Mode,
    /// Why it exists, as canonical text: `event:evt_…`, `caller:…`.
    pub cause: String,
    pub connection_id: model::ConnectionId,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub input: Value,
    pub output: Option<Value>,
    pub error: Option<Failure>,
    pub steps: Vec<StepView>,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct StepView {
    pub step: StepPath,
    pub kind: String,
    pub status: StepStatus,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub attempts: u32,
    pub output: Option<Value>,
    pub error: Option<Failure>,
    /// What it waits for or why it is tried again, in words.
    pub note: Option<String>,
    pub stripe_request_id: Option<String>,
    /// The key of its last write.
    pub idempotency_key: Option<String>,
}
