//! Whether the process is up, and whether it can work.

use std::sync::Arc;

use axum::extract::State;
use serde_json::json;

use crate::{
    App,
    answer::{Answer, Answered},
};

/// `GET /health`: the process answers. Says nothing about the database.
pub(crate) async fn health() -> Answer {
    Answer::ok(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /ready`: the database answers, too. 503 while it does not.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Answered {
    app.store.companies().await?;
    Ok(Answer::ok(json!({ "status": "ready", "epoch": app.driver.epoch().0 })))
}
