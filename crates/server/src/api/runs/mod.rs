//! `/runs`: executions of workflows.

pub(crate) mod cancel;
pub(crate) mod list;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod show;
pub(crate) mod stream;

use engine::{Person, RunView};
use model::{Code, Failure};
use serde_json::{Value, json};
use store::Run;

use crate::{Actor, failure::Refused, mask::masked, request::Key};

/// Characters that a note may have.
const NOTE_MAX: usize = 1_000;

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

/// Who decides, and why.
fn person(actor: &Actor, key: Key, note: Option<String>) -> Result<Person, Refused> {
    let note = note.unwrap_or_default().trim().to_owned();
    if note.chars().count() > NOTE_MAX {
        let text = format!("The note is longer than {NOTE_MAX} characters. Nothing was changed. Shorten it.");
        return Err(Failure::new(Code::ValidationError, text).at("note").into());
    }
    let request_key = key.0.map(|key| key.as_str().to_owned());
    Ok(Person { by: actor.key, note, request_key })
}

/// A run with its steps, secrets masked.
fn whole(view: &RunView) -> Value {
    masked(serde_json::to_value(view).unwrap_or(Value::Null))
}
