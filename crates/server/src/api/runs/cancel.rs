//! `POST /runs/{id}/cancel`: asks a run to stop. A write that was sent is settled first;
//! completed steps are compensated. A run that has ended stays as it is.

use std::sync::Arc;

use axum::{extract::State, routing::post};

use super::row;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id, Nothing},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/runs/{id}/cancel", &["workflows:execute"], || post(cancel));

async fn cancel(
    State(app): State<Arc<App>>,
    actor: Actor,
    id: Id,
    Body(Nothing {}): Body<Nothing>,
) -> Answered {
    Ok(Answer::ok(row(&app.driver.cancel(actor.company, id.parse("run")?).await?)))
}
