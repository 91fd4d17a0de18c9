//! `GET /vault`: which master key the database needs.

use std::sync::Arc;

use axum::{extract::State, routing::get};
use serde_json::json;

use super::SCOPES;
use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/vault", SCOPES, || get(show));

async fn show(State(app): State<Arc<App>>) -> Answered {
    Ok(Answer::ok(json!({ "masterKeyId": app.vault.master_id() })))
}
