//! `GET /keys`: a company's API keys, without their texts.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::{SCOPES, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/keys", SCOPES, || get(list));

async fn list(State(app): State<Arc<App>>, actor: Actor) -> Answered {
    let keys = app.store.api_keys(actor.company).await?;
    Ok(Answer::page(keys.iter().map(view).collect::<Vec<_>>(), None))
}
