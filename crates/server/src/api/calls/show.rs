//! `GET /calls/{id}`: what is known of a write.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::{SCOPES, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::not_found,
    request::Id,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/calls/{id}", SCOPES, || get(show));

async fn show(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    let intent = app.store.intent_of_call(actor.company, id.parse("call")?).await?;
    let intent = intent.ok_or_else(|| not_found("call", &id.0))?;
    Ok(Answer::ok(view(&app, &intent).await?))
}
