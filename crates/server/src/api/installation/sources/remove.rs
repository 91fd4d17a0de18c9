//! `DELETE /installation/sources/{id}`: forgets an endpoint's signing secret. The endpoint
//! at Stripe stays; remove it there.

use std::sync::Arc;

use axum::{extract::State, routing::delete};

use super::SCOPES;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{
        Route, Verb,
        sources::{take, view},
    },
    request::Id,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Delete, "/installation/sources/{id}", SCOPES, || delete(remove));

async fn remove(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    Ok(Answer::ok(view(&take(&app, &actor, None, &id).await?)))
}
