//! `POST /events/{id}/replay`: has an event dispatched again. Finishes what was not done
//! and repeats nothing: runs that exist are not started again.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use serde_json::json;
use store::Receipt;

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    request::{Body, Id, Nothing},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/events/{id}/replay", &["events:write"], || post(replay));

async fn replay(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Body(Nothing {}): Body<Nothing>,
) -> Answered {
    let entry = |receipt: &Receipt| {
        let details = json!({ "event": receipt.event, "type": receipt.kind });
        audit::entry(&app, &actor, actor.company, "event.replayed", &receipt.id.to_string(), &details)
    };
    let receipt = app.inbox.replay(actor.company, &id.0, entry).await?;
    Ok(Answer::ok(view(&receipt)))
}
