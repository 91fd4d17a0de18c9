//! `GET /workflows`: a company's workflows, oldest first.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use model::{WorkflowId, WorkflowStatus};
use serde::Deserialize;

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Query, cursor, limit},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/workflows", &["workflows:read"], || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    status: Option<WorkflowStatus>,
    /// Part of the name or key.
    search: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, actor: Actor, Query(params): Query<Params>) -> Answered {
    let limit = limit(params.limit)? as usize;
    let after: Option<WorkflowId> = cursor(params.cursor.as_deref())?;
    let sought = params.search.unwrap_or_default().to_lowercase();
    let mut rows: Vec<_> = app
        .store
        .workflows(actor.company)
        .await?
        .into_iter()
        .filter(|workflow| after.is_none_or(|after| workflow.id > after))
        .filter(|workflow| params.status.is_none_or(|status| workflow.status == status))
        .filter(|workflow| {
            workflow.name.to_lowercase().contains(&sought) || workflow.key.as_str().contains(&sought)
        })
        .collect();
    rows.sort_by_key(|workflow| workflow.id);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Answer::page(rows.iter().map(view).collect::<Vec<_>>(), next))
}
