//! `DELETE /sources/{id}`: forgets an endpoint's signing secret, so that its deliveries are
//! refused. The endpoint at Stripe stays; remove it there.

use std::sync::Arc;

use axum::{extract::State, routing::delete};

use super::{take, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Delete, "/sources/{id}", &["connections:write"], || delete(remove));

async fn remove(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    Ok(Answer::ok(view(&take(&app, &actor, Some(actor.company), &id).await?)))
}
