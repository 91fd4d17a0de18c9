//! `GET /events/{id}`: an event with its body, by our id or Stripe's.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::view;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Get, "/events/{id}", &["events:read"], || get(show));

async fn show(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    Ok(Answer::ok(view(&app.inbox.show(actor.company, &id.0).await?)))
}
