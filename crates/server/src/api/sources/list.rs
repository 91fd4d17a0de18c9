//! `GET /sources`: a company's sources, without their signing secrets.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde_json::json;

use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/sources", &["connections:read", "events:read"], || get(list));

async fn list(State(app): State<Arc<App>>, actor: Actor) -> Answered {
    let sources = app.sources.list(actor.company).await?;
    let rows: Vec<_> = sources
        .iter()
        .map(|source| {
            json!({
                "id": source.id,
                "account": source.account,
                "mode": source.mode,
                "endpoint": source.endpoint,
                "url": source.url,
                "createdAt": source.created_at,
                "expiresAt": source.expires_at,
            })
        })
        .collect();
    Ok(Answer::page(rows, None))
}
