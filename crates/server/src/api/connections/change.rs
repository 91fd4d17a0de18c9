//! `PUT /connections/{id}`: another name, the default, or another API version. What is
//! left out stays.

use std::sync::Arc;

use ::connections::{Edit, api_version};
use axum::{extract::State, routing::put};
use serde::{Deserialize, Deserializer};

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
    /// The version of its calls that name none; `null` is the pinned one.
    #[serde(default, deserialize_with = "given")]
    api_version: Option<Option<String>>,
}

/// Tells `null` from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

async fn change(State(app): State<Arc<App>>, actor: Actor, id: Id, Body(request): Body<Request>) -> Answered {
    let row = find(&app, &actor, &id).await?;
    let version = request.api_version.map(|text| text.as_deref().map(api_version).transpose()).transpose()?;
    let edit = Edit { name: request.name, is_default: request.is_default, version };
    let connections = app.connections.audited(Some(actor.key), "connection.changed");
    let changed = connections.edit(actor.company, row.id, edit).await?;
    Ok(Answer::ok(view(&changed)))
}
