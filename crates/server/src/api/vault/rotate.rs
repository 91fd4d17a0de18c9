//! `POST /vault/rotate`: another master key, while everything goes on. The new key is
//! kept before anything is sealed under it, so that a crash at any point leaves a start
//! that finds the key it needs. What is sealed stays as it is: only data keys are wrapped
//! anew.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use model::{Code, Failure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SCOPES;
use crate::{
    Actor, App, KeepMaster,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    failure::Refused,
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/vault/rotate", SCOPES, || post(rotate)).patient();

/// Has no `Debug`: it holds a key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// The new key's line, where this process cannot keep one itself.
    new_key: Option<String>,
}

async fn rotate(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let keeper = app.master_keeper.clone().ok_or_else(|| {
        let text = "This process was not told where its master key is kept. Nothing was changed. Rotate where the server runs.";
        Refused::from(Failure::new(Code::Conflict, text))
    })?;
    // To its end, whoever asked: half way, this process would seal under the old key.
    let tasks = app.tasks.clone();
    let done = tasks.spawn(async move { perform(&app, &actor, keeper, request.new_key).await }).await;
    Ok(Answer::ok(done.map_err(|_| interrupted())??))
}

async fn perform(
    app: &App,
    actor: &Actor,
    keeper: Arc<dyn KeepMaster>,
    given: Option<String>,
) -> Result<Value, Refused> {
    let from = app.vault.master_id();
    let keeps = keeper.clone();
    let next = blocking(move || keeps.prepare(given.as_deref())).await?;
    let id = next.id().to_owned();
    let caller = Actor { company: actor.home, ..actor.clone() };
    let entry = |count| {
        let details = json!({ "from": from, "dataKeys": count });
        audit::entry(app, &caller, caller.company, "vault.rotated", &id, &details)
    };
    let count = app.vault.rotate(&next, entry).await?;
    let (keeps, of) = (keeper, id.clone());
    let to_do = blocking(move || keeps.promote(&of)).await?;
    Ok(json!({ "from": from, "masterKeyId": id, "dataKeys": count, "toDo": to_do }))
}

/// Files and their syncing, off the threads that serve.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Refused> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| interrupted())??)
}

fn interrupted() -> Refused {
    let text = "The rotation was interrupted. Both master keys are kept; the next start takes the one that the database \
                needs. Repeat it, or run `bursar doctor`.";
    Failure::new(Code::InternalError, text).into()
}
