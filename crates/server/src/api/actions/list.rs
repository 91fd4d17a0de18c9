//! `GET /actions`: every action in the order of the documentation, then `stripe.request`.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde::Deserialize;

use super::{SCOPES, summary};
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Query,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/actions", SCOPES, || get(list)).with_query();

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
        .entries()
        .filter(|entry| wanted(entry.name()) || wanted(entry.title()))
        .map(summary)
        .collect();
    Ok(Answer::page(rows, None))
}
