//! `GET /audit`: a company's audit log, newest first.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Audited, Page};

use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Query, cursor, limit},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/audit", &["admin"], || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, actor: Actor, Query(params): Query<Params>) -> Answered {
    let page = Page { limit: limit(params.limit)?, after: cursor(params.cursor.as_deref())? };
    let log = app.store.audit(actor.company, page).await?;
    let next = log.rows.last().filter(|_| log.has_more).map(|last| last.id.to_string());
    Ok(Answer::page(log.rows.iter().map(view).collect::<Vec<_>>(), next))
}

fn view(entry: &Audited) -> Value {
    json!({
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "target": entry.target,
        "details": serde_json::from_str::<Value>(&entry.details).unwrap_or(Value::Null),
    })
}
