//! `POST /workflows/check`: what the checker finds. Stores nothing.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use serde_json::json;
use workflows::Program;

use crate::{
    App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Document,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/workflows/check", &["workflows:read", "workflows:write"], || post(check));

async fn check(State(app): State<Arc<App>>, Document(source): Document) -> Answered {
    Ok(Answer::ok(match Program::compile(&source, &app.catalog) {
        Ok((program, findings)) => json!({
            "valid": true,
            "name": program.name(),
            "key": program.key(),
            "trigger": super::trigger(program.trigger()),
            "findings": findings,
        }),
        Err(findings) => json!({ "valid": false, "findings": findings }),
    }))
}
