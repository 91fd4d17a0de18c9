//! In which phase of its life a killed server left each run, read from the two places
//! that survive it: the database, and the sandbox's own count of executions.

use std::{collections::BTreeMap, path::Path};

use model::{RunId, RunStatus};
use serde_json::Value;
use store::{Backend as _, IntentState, Sqlite, SqliteOptions};

/// Where a run was when the server died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// The run is stored; its first write has no intent yet.
    BeforeIntent,
    /// The intent is stored; Stripe has not executed it.
    Sent,
    /// Stripe has executed it; the outcome is not stored.
    Answered,
    /// The last write is settled; the next has not begun.
    Settled,
    /// Waits for an event.
    Waiting,
}

impl Phase {
    pub(crate) const ALL: [Self; 5] =
        [Self::BeforeIntent, Self::Sent, Self::Answered, Self::Settled, Self::Waiting];
}

/// The phase of every run that had not ended.
pub(crate) async fn of_open_runs(data: &Path, executions: &Value) -> BTreeMap<RunId, Phase> {
    let store = Sqlite::open(data, SqliteOptions::default())
        .await
        .expect("a killed server leaves an openable folder");
    let mut phases = BTreeMap::new();
    for run in store.open_runs().await.expect("runs can be read") {
        let intents = store.intents_of_run(run.id).await.expect("intents can be read");
        let open = intents.iter().find(|intent| intent.state == IntentState::Open);
        let phase = match open {
            Some(intent) if executed(executions, intent.key.as_str()) > 0 => Phase::Answered,
            Some(_) => Phase::Sent,
            None if run.status == RunStatus::Suspended => Phase::Waiting,
            None if intents.is_empty() => Phase::BeforeIntent,
            None => Phase::Settled,
        };
        phases.insert(run.id, phase);
    }
    store.close().await;
    phases
}

/// How often the sandbox executed a request under this key.
pub(crate) fn executed(executions: &Value, key: &str) -> u64 {
    executions[key].as_u64().unwrap_or(0)
}
