//! `POST /workflows/{id}/run`: starts a run, once per key; the same key gives the same
//! run. `mode: sync` waits until the run has ended, waits for something from outside, or
//! the time is up, and says which; the run itself never ends with the request.

use std::{sync::Arc, time::Duration};

use ::connections::Wanted;
use axum::{extract::State, routing::post};
use engine::{Progress, Start, Started};
use http::StatusCode;
use model::{Cause, Code, Failure, RunId, RunStatus};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::broadcast, time::Instant};

use super::find;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::{Refused, not_found},
    request::{Body, Id, Key},
    sse,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/workflows/{id}/run", &["workflows:execute"], || post(run)).patient();

/// How long a synchronous run is waited for unless told otherwise, and at most.
const TIMEOUT_MS: u64 = 30_000;
const TIMEOUT_MOST_MS: u64 = 300_000;
/// How often the run is looked at although nothing was heard of it.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    #[serde(default = "empty")]
    input: Value,
    /// A connection by id or name.
    connection_id: Option<String>,
    #[serde(default)]
    mode: Waiting,
    /// Only with `sync`.
    timeout_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Waiting {
    #[default]
    Async,
    Sync,
}

fn empty() -> Value {
    json!({})
}

async fn run(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    key: Key,
    Body(request): Body<Request>,
) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    let patience = patience(&request)?;
    let key = key.required(&app)?;
    // Before the start, so that nothing of the run is missed.
    let changes = app.driver.subscribe();
    let start = Start {
        company: actor.company,
        workflow: workflow.id,
        cause: Cause::Caller(key.clone()),
        input: request.input,
        connection: request.connection_id.map_or(Wanted::Default, Wanted::Named),
    };
    let started = app.driver.start(start).await?;
    let meta = json!({ "idempotencyKey": key, "replayed": started.existed });
    let (status, data) = match patience {
        None => (started.run.status, data(&started, started.run.status)),
        Some(patience) => waited(&app, &started, changes, patience).await?,
    };
    let http = if status.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(Answer::ok(data).meta(meta).status(http))
}

/// How long to wait for the run; `None` does not wait.
fn patience(request: &Request) -> Result<Option<Duration>, Refused> {
    let refused = |why: &str| {
        Err(Failure::new(Code::ValidationError, format!("{why} Nothing was started.")).at("timeoutMs").into())
    };
    match (request.mode, request.timeout_ms) {
        (Waiting::Async, None) => Ok(None),
        (Waiting::Async, Some(_)) => refused("`timeoutMs` goes with `mode: sync` only."),
        (Waiting::Sync, given) => match given.unwrap_or(TIMEOUT_MS) {
            ms @ 1..=TIMEOUT_MOST_MS => Ok(Some(Duration::from_millis(ms))),
            _ => refused(&format!("`timeoutMs` goes from 1 to {TIMEOUT_MOST_MS}.")),
        },
    }
}

fn data(started: &Started, status: RunStatus) -> Value {
    json!({
        "runId": started.run.id,
        "status": status,
        "workflowId": started.run.workflow,
        "workflowVersion": started.run.version,
    })
}

/// Waits, and adds what the run came to. Not masked: this is the caller who made it.
async fn waited(
    app: &App,
    started: &Started,
    changes: broadcast::Receiver<Progress>,
    patience: Duration,
) -> Result<(RunStatus, Value), Refused> {
    let (status, end) = wait(app, started.run.id, changes, Instant::now() + patience).await?;
    let mut data = data(started, status);
    data["waited"] = json!(end);
    if status.is_final() || status == RunStatus::Parked {
        let view = app.driver.show(started.run.company, started.run.id).await?;
        data["output"] = json!(view.output);
        if let Some(error) = view.error {
            data["error"] = json!(error);
        }
    }
    Ok((status, data))
}

/// Until the run stands still, or the time is up: where it stands, and which of these.
async fn wait(
    app: &App,
    id: RunId,
    mut changes: broadcast::Receiver<Progress>,
    until: Instant,
) -> Result<(RunStatus, &'static str), Refused> {
    loop {
        let run = app.store.run(id).await?.ok_or_else(|| not_found("run", &id.to_string()))?;
        match run.status {
            status if status.is_final() => return Ok((status, "ended")),
            RunStatus::Suspended => return Ok((run.status, "suspended")),
            RunStatus::Parked => return Ok((run.status, "parked")),
            _ => {}
        }
        tokio::select! {
            () = tokio::time::sleep_until(until) => return Ok((run.status, "timeout")),
            () = app.closing.cancelled() => return Ok((run.status, "timeout")),
            () = change_of(id, &mut changes) => {}
        }
    }
}

/// Returns when the run's status changed, or after a moment in which nothing was heard.
async fn change_of(id: RunId, changes: &mut broadcast::Receiver<Progress>) {
    let heard = async {
        loop {
            match changes.recv().await {
                Ok(change @ Progress::Run { .. }) if sse::subject(&change).1 == id => return,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    let _ = tokio::time::timeout(LOOK, heard).await;
}
