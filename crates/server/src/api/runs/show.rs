//! `GET /runs/{id}`: a run with its steps.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::whole;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/runs/{id}", &["runs:read"], || get(show));

async fn show(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    Ok(Answer::ok(whole(&app.driver.show(actor.company, id.parse("run")?).await?)))
}
