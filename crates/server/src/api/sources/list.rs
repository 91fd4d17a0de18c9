//! `GET /sources`: a company's sources, without their signing secrets.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/sources", &["connections:read", "events:read"], || get(list));

async fn list(State(app): State<Arc<App>>, actor: Actor) -> Answered {
    let sources = app.sources.list(actor.company).await?;
    Ok(Answer::page(sources.iter().map(view).collect::<Vec<_>>(), None))
}
