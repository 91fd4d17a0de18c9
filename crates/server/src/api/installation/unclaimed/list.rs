//! `GET /installation/unclaimed`: unclaimed events, newest first, without their bodies;
//! `meta.accounts` counts them by account and mode.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Unclaimed, UnclaimedOf};

use super::SCOPES;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Query, cursor, limit},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/installation/unclaimed", SCOPES, || get(list)).with_query();

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn list(State(app): State<Arc<App>>, Query(params): Query<Params>) -> Answered {
    let (limit, after) = (limit(params.limit)?, cursor(params.cursor.as_deref())?);
    let events = app.inbox.unclaimed(limit, after).await?;
    let accounts: Vec<Value> = app.inbox.unclaimed_accounts().await?.iter().map(count).collect();
    let next = events.rows.last().filter(|_| events.has_more).map(|last| last.id.to_string());
    let meta = json!({ "cursor": next, "hasMore": next.is_some(), "accounts": accounts });
    Ok(Answer::ok(events.rows.iter().map(view).collect::<Vec<_>>()).meta(meta))
}

fn view(event: &Unclaimed) -> Value {
    json!({
        "id": event.id,
        "eventId": event.event,
        "type": event.kind,
        "account": event.account,
        "mode": event.mode,
        "createdAt": event.created_at,
        "receivedAt": event.received_at,
        "objects": event.objects,
    })
}

fn count(of: &UnclaimedOf) -> Value {
    json!({
        "account": of.account,
        "mode": of.mode,
        "count": of.count,
        "firstAt": of.first_at,
        "lastAt": of.last_at,
    })
}
