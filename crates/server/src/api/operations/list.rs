//! `GET /operations`: operations by words, the best first; all of them without words.

use std::sync::Arc;

use ::actions::Found;
use axum::{extract::State, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SCOPES;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb, actions::effect},
    request::{Query, cursor, limit},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/operations", SCOPES, || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Words of names, paths and parameters; a row has all of them.
    search: Option<String>,
    limit: Option<u32>,
    /// The operation that the page before ended with.
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, Query(params): Query<Params>) -> Answered {
    let limit = limit(params.limit)? as usize;
    let after = cursor::<Known>(params.cursor.as_deref())?;
    let found = app.catalog.search(params.search.as_deref().unwrap_or_default());
    let begin = after.and_then(|Known(id)| found.iter().position(|row| row.operation == id));
    let left = &found[begin.map_or(0, |last| last + 1)..];
    let page = &left[..limit.min(left.len())];
    let more = page.last().filter(|_| left.len() > page.len());
    Ok(Answer::page(page.iter().map(row).collect::<Vec<_>>(), more.map(|last| last.operation.to_owned())))
}

fn row(found: &Found) -> Value {
    json!({
        "id": found.operation,
        "method": found.method.as_str(),
        "path": found.path,
        "effect": effect(found.effect),
        "action": found.action.map(|action| action.name),
        "title": found.action.map(|action| action.title),
    })
}

/// The id of an operation that there is.
struct Known(String);

impl std::str::FromStr for Known {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        stripe::tables::operation(id).map(|operation| Self(operation.id.to_owned())).ok_or(())
    }
}
