//! `GET /connections`: a company's connections, oldest first, without credentials.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde_json::json;

use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/connections", &["connections:read"], || get(list));

async fn list(State(app): State<Arc<App>>, actor: Actor) -> Answered {
    let connections = app.connections.list(actor.company).await?;
    let rows: Vec<_> = connections
        .iter()
        .map(|connection| {
            json!({
                "id": connection.id,
                "name": connection.name,
                "account": connection.account,
                "mode": connection.mode,
                "kind": connection.kind,
                "status": connection.status,
                "baseUrl": connection.base_url,
                "isDefault": connection.is_default,
                "createdAt": connection.created_at,
                "updatedAt": connection.updated_at,
            })
        })
        .collect();
    Ok(Answer::page(rows, None))
}
