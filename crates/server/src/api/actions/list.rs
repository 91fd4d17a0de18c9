//! `GET /actions`: every action, in the order of the documentation.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde::Deserialize;

use super::summary;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Query,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/actions", &["actions:read", "actions:write"], || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Part of a name or title.
    search: Option<String>,
}

async fn list(State(app): State<Arc<App>>, Query(params): Query<Params>) -> Answered {
    let sought = params.search.unwrap_or_default().to_lowercase();
    let wanted = |text: &str| text.to_lowercase().contains(&sought);
    let rows: Vec<_> = app
        .catalog
        .all()
        .iter()
        .filter(|action| wanted(action.name) || wanted(action.title))
        .map(|action| summary(action))
        .collect();
    Ok(Answer::page(rows, None))
}
