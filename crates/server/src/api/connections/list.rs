//! `GET /connections`: a company's connections, oldest first, without credentials.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::examined;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/connections", &["connections:read"], || get(list));

async fn list(State(app): State<Arc<App>>, actor: Actor) -> Answered {
    let connections = app.connections.list(actor.company).await?;
    let mut rows = Vec::with_capacity(connections.len());
    for connection in &connections {
        rows.push(examined(&app, connection).await);
    }
    Ok(Answer::page(rows, None))
}
