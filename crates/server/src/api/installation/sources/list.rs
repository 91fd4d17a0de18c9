//! `GET /installation/sources`: the installation's sources, without their secrets.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::SCOPES;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb, sources::view},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/installation/sources", SCOPES, || get(list));

async fn list(State(app): State<Arc<App>>) -> Answered {
    let sources = app.sources.list(None).await?;
    Ok(Answer::page(sources.iter().map(view).collect::<Vec<_>>(), None))
}
