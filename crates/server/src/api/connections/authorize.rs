//! `POST /connections/stripe/authorize`: a link by which somebody authorizes a
//! connection. Whoever opens it authorizes: it goes to one person.

use std::sync::Arc;

use ::connections::{Authorize, Begun};
use axum::{extract::State, routing::post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{mode, via};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::Refused,
    request::Body,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/connections/stripe/authorize", &["connections:write"], || post(authorize));

/// What a link is asked for; the same as a body and as a query.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    /// `connect`, `app` or `nango`.
    via: Option<String>,
    /// The new connection's name.
    name: Option<String>,
    /// `live`, `test` or `local`; `test` unless told otherwise.
    mode: Option<String>,
    /// Connect's scope.
    scope: Option<String>,
    /// Nango's integration.
    integration: Option<String>,
    /// Where the person goes afterwards.
    redirect_url: Option<String>,
    /// An existing connection, by id or name.
    reconnect: Option<String>,
}

async fn authorize(State(app): State<Arc<App>>, actor: Actor, Body(wanted): Body<Wanted>) -> Answered {
    Ok(Answer::ok(begin(&app, &actor, wanted).await?).status(StatusCode::CREATED))
}

/// Hands a link out. What a `reconnect` leaves out is as the connection has it.
pub(super) async fn begin(app: &App, actor: &Actor, wanted: Wanted) -> Result<Value, Refused> {
    let Wanted { via: way, name, mode: of, scope, integration, redirect_url, reconnect } = wanted;
    let known = match &reconnect {
        Some(known) => Some(super::find(app, actor, &crate::request::Id(known.clone())).await?),
        None => None,
    };
    let way = way.or_else(|| known.as_ref().map(|row| row.kind.clone()));
    let way = via(way.as_deref().unwrap_or("connect"))?;
    let of = of.or_else(|| known.as_ref().map(|row| row.mode.as_str().to_owned()));
    let mode = mode(of.as_deref().unwrap_or("test"))?;
    let asked = Authorize { via: way, name, mode, scope, integration, redirect_url, reconnect };
    let connections = app.connections.audited(Some(actor.key), "connection.authorizing");
    let begun = connections.authorize(actor.company, asked).await?;
    let Begun { connection, url, headless_url, expires_at } = begun;
    let mut link = json!({
        "connectionId": connection.id,
        "name": connection.name,
        "authUrl": url.as_str(),
        "expiresAt": expires_at,
    });
    if let Some(url) = headless_url {
        link["headlessUrl"] = url.as_str().into();
    }
    Ok(link)
}
