//! `POST /events/{id}/replay`: has an event dispatched again. Finishes what was not done
//! and repeats nothing: runs that exist are not started again.

use std::sync::Arc;

use axum::{extract::State, routing::post};

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id, Nothing},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/events/{id}/replay", &["events:write"], || post(replay));

async fn replay(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Body(Nothing {}): Body<Nothing>,
) -> Answered {
    Ok(Answer::ok(view(&app.inbox.replay(actor.company, &id.0).await?)))
}
