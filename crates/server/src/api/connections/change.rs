//! `PUT /connections/{id}`: another name, or the default. What is
//! left out stays.

use std::sync::Arc;

use axum::{extract::State, routing::put};
use serde::Deserialize;

use super::{find, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::{Body, Id},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Put, "/connections/{id}", &["connections:write"], || put(change));

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// Another name.
    name: Option<String>,
    /// `true` makes it the default.
    is_default: Option<bool>,
}

async fn change(State(app): State<Arc<App>>, actor: Actor, id: Id, Body(request): Body<Request>) -> Answered {
    let row = find(&app, &actor, &id).await?;
    let edit = ::connections::Edit { name: request.name, is_default: request.is_default };
    let changed = app.connections.audited(Some(actor.key), "connection.changed").edit(actor.company, row.id, edit).await?;
    Ok(Answer::ok(view(&changed)))
}
