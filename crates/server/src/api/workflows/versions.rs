//! `GET /workflows/{id}/versions`: every version, newest first, without the texts.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde_json::json;

use super::find;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/workflows/{id}/versions", &["workflows:read"], || get(versions));

async fn versions(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    let versions = app.store.workflow_versions(workflow.id).await?;
    let rows: Vec<_> = versions
        .iter()
        .map(|version| {
            json!({
                "version": version.version,
                "current": version.version == workflow.version,
                "modelHash": version.model_hash,
                "createdAt": version.created_at,
            })
        })
        .collect();
    Ok(Answer::page(rows, None))
}
