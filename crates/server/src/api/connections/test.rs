//! `POST /connections/{id}/test`: what a connection may do, asked of Stripe without
//! writing. Takes a read's scope: it changes nothing here but the time of the last use.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use serde_json::json;

use super::find;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id, Nothing},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/connections/{id}/test", &["connections:read"], || post(test));

async fn test(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Body(Nothing {}): Body<Nothing>,
) -> Answered {
    let row = find(&app, &actor, &id).await?;
    Ok(Answer::ok(json!(app.caller.test_connection(&row).await?)))
}
