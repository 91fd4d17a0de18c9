//! Whether the process is up, and whether it can work.

use std::sync::Arc;

use axum::extract::State;
use model::{Code, Failure};
use serde_json::json;

use crate::{
    App,
    answer::{Answer, Answered},
};

/// `GET /health`: the process answers. Says nothing about the database.
pub(crate) async fn health() -> Answer {
    Answer::ok(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /ready`: the database answers and is driven by this process. 503 otherwise.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Answered {
    app.store.companies().await?;
    if app.driver.fenced() {
        return Err(Failure::new(
            Code::StoreUnavailable,
            "Another process has taken over this database and drives its runs. Nothing was changed. Ask that one.",
        )
        .into());
    }
    Ok(Answer::ok(json!({ "status": "ready", "epoch": app.driver.epoch().0 })))
}
