//! `GET /events`: a company's events, newest first, without their bodies.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use model::ReceiptStatus;
use serde::Deserialize;
use store::ReceiptFilter;

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Query, cursor, limit},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/events", &["events:read"], || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// An event type, exactly.
    #[serde(rename = "type")]
    kind: Option<String>,
    status: Option<ReceiptStatus>,
    /// The id of an object that the event is about.
    object: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, actor: Actor, Query(params): Query<Params>) -> Answered {
    let (limit, after) = (limit(params.limit)?, cursor(params.cursor.as_deref())?);
    let filter = ReceiptFilter { kind: params.kind, status: params.status, object: params.object };
    let events = app.inbox.list(actor.company, filter, limit, after).await?;
    let next = events.rows.last().filter(|_| events.has_more).map(|last| last.id.to_string());
    Ok(Answer::page(events.rows.iter().map(view).collect::<Vec<_>>(), next))
}
