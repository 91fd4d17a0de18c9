//! `GET /connections/{id}`: one connection, by id or name, without its credential.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::{find, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/connections/{id}", &["connections:read"], || get(show));

async fn show(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    Ok(Answer::ok(view(&find(&app, &actor, &id).await?)))
}
