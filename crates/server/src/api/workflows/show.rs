//! `GET /workflows/{id}`: a workflow with its text; `version` picks an older one.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde::Deserialize;
use serde_json::json;

use super::{find, trigger, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::not_found,
    request::{Id, Query},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/workflows/{id}", &["workflows:read"], || get(show)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    version: Option<u32>,
}

async fn show(State(app): State<Arc<App>>, actor: Actor, id: Id, Query(params): Query<Params>) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    let number = params.version.unwrap_or(workflow.version);
    let version = app.store.workflow_version(workflow.id, number).await?;
    let version = version.ok_or_else(|| not_found("version", &number.to_string()))?;
    let program = app.programs.get(workflow.id, number).await?;
    let mut shown = view(&workflow);
    shown["shownVersion"] = json!(number);
    shown["trigger"] = trigger(program.trigger());
    shown["source"] = json!(version.source);
    Ok(Answer::ok(shown))
}
