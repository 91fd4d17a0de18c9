//! `GET /connections/stripe/auth-url`: the source document's form of `authorize`, with
//! the same as a query. It makes a link, so it needs the scope of a write.

use std::sync::Arc;

use axum::{extract::State, routing::get};

use super::authorize::{Wanted, begin};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Query,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/connections/stripe/auth-url", &["connections:write"], || get(auth_url))
        .with_query();

async fn auth_url(State(app): State<Arc<App>>, actor: Actor, Query(wanted): Query<Wanted>) -> Answered {
    Ok(Answer::ok(begin(&app, &actor, wanted).await?))
}
