//! `GET /companies`: every company, oldest first.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::{SCOPES, view};
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/companies", SCOPES, || get(list));

async fn list(State(app): State<Arc<App>>) -> Answered {
    let all = app.store.companies().await?;
    Ok(Answer::page(all.iter().map(view).collect::<Vec<_>>(), None))
}
