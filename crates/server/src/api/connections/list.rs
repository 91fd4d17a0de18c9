//! `GET /connections`: a company's connections, oldest first, without credentials.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/connections", &["connections:read"], || get(list));

async fn list(State(app): State<Arc<App>>, actor: Actor) -> Answered {
    let connections = app.connections.list(actor.company).await?;
    let rows: Vec<_> = connections.iter().map(view).collect();
    Ok(Answer::page(rows, None))
}
