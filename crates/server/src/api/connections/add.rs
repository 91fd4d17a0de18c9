//! `POST /connections`: makes a connection by an API key, after asking Stripe whose it
//! is. A known name gets the new key and keeps its id, if the account is the same.

use std::sync::Arc;

use ::connections::AddKey;
use axum::{extract::State, routing::post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{mode, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/connections", &["connections:write"], || post(add));

/// Has no `Debug`: it holds a key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// What people and documents call it.
    name: String,
    /// `sk_…` or `rk_…`.
    api_key: String,
    /// `live`, `test` or `local`; told by the key unless it is `local`.
    mode: Option<String>,
    /// The sandbox's address, in mode `local`.
    base_url: Option<String>,
    /// Whether it is taken when nobody names one.
    #[serde(default)]
    is_default: bool,
}

async fn add(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let Request { name, api_key, mode: wanted, base_url, is_default } = request;
    let mode = wanted.as_deref().map(mode).transpose()?;
    let add = AddKey { name, key: api_key.into(), mode, base_url, is_default };
    let row = app.connections.add_key(actor.company, add).await?;
    let details = json!({ "name": row.name, "kind": row.kind, "account": row.account, "mode": row.mode });
    audit::record(&app, &actor, "connection.added", &row.id.to_string(), &details).await;
    let status = if row.revision == 1 { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Answer::ok(view(&row)).status(status))
}
