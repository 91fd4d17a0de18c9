//! `GET /runs`: a company's runs, newest first.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use model::RunStatus;
use serde::Deserialize;
use store::{Page, RunFilter};

use super::row;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb, workflows},
    request::{Id, Query, cursor, limit},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/runs", &["runs:read"], || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// A workflow's id or key.
    workflow: Option<String>,
    status: Option<RunStatus>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, actor: Actor, Query(params): Query<Params>) -> Answered {
    let page = Page { limit: limit(params.limit)?, after: cursor(params.cursor.as_deref())? };
    let workflow = match params.workflow {
        Some(id) => Some(workflows::find(&app, &actor, &Id(id)).await?.id),
        None => None,
    };
    let filter = RunFilter { workflow, status: params.status };
    let runs = app.store.runs(actor.company, filter, page).await?;
    let next = runs.rows.last().filter(|_| runs.has_more).map(|last| last.id.to_string());
    Ok(Answer::page(runs.rows.iter().map(row).collect::<Vec<_>>(), next))
}
