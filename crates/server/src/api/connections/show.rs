//! `GET /connections/{id}`: one connection, by id or name, without its credential.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::{examined, find};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/connections/{id}", &["connections:read"], || get(show));

async fn show(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    let row = find(&app, &actor, &id).await?;
    Ok(Answer::ok(examined(&app, &row).await))
}
