//! `POST /workflows/{id}/activate`: makes a workflow start runs from now on. Earlier events start nothing.

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
    Route::new(Verb::Post, "/workflows/{id}/activate", &["workflows:write"], || post(activate));

async fn activate(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Body(Nothing {}): Body<Nothing>,
) -> Answered {
    let workflow = find(&app, &actor, &id).await?;
    Ok(Answer::ok(view(&app.lifecycle.audited(actor.key).activate(actor.company, workflow.id).await?)))
}
