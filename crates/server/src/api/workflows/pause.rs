//! `POST /workflows/{id}/pause`: starts no more runs for now; those that are open go on.

use std::sync::Arc;

use axum::{extract::State, routing::post};

use super::{find, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id, Nothing},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/workflows/{id}/pause", &["workflows:write"], || post(pause));

async fn pause(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Body(Nothing {}): Body<Nothing>,
) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    Ok(Answer::ok(view(&app.lifecycle.audited(actor.key).pause(actor.company, workflow.id).await?)))
}
