//! `POST /runs/{id}/retry`: lets a run go on that failed, was canceled or is parked.
//! What is done is kept. Under one `Idempotency-Key` it is asked for once.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use serde::Deserialize;
use serde_json::json;

use super::{person, row};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id, Key},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/runs/{id}/retry", &["workflows:execute"], || post(retry));

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// Why; kept for good.
    note: Option<String>,
}

async fn retry(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    key: Key,
    Body(request): Body<Request>,
) -> Answered {
    let run = id.parse("run")?;
    let person = person(&actor, key, request.note)?;
    let decided = app.driver.retry(actor.company, run, person).await?;
    let mut data = row(&decided.run);
    data["decidedAt"] = json!(decided.at);
    Ok(Answer::ok(data).meta(json!({ "replayed": decided.repeated })))
}
