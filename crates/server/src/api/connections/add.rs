//! `POST /connections`: makes a connection by an API key, after asking Stripe whose it
//! is. A known name gets the new key and keeps its id, if the account is the same. With
//! `via: nango` one is taken over that exists at Nango.

use std::sync::Arc;

use ::connections::{AddKey, Way, api_version};
use axum::{extract::State, routing::post};
use http::StatusCode;
use model::{Code, Failure};
use serde::Deserialize;
use store::Connection;
use stripe::Version;

use super::{
    import::{Import, import, missing, stray},
    mode, via, view,
};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    auth::INSTALLATION,
    failure::Refused,
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/connections", &["connections:write"], || post(add));

/// Has no `Debug`: it holds a key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// What people and documents call it.
    name: String,
    /// `api_key`, unless told otherwise, or `nango`.
    via: Option<String>,
    /// `sk_…` or `rk_…`.
    api_key: Option<String>,
    /// `live`, `test` or `local`; told by the key unless it is `local`.
    mode: Option<String>,
    /// The sandbox's address, in mode `local`; any other than the mode's own takes the
    /// scope `installation`.
    base_url: Option<String>,
    /// Whether it is taken when nobody names one.
    #[serde(default)]
    is_default: bool,
    /// The version of its calls that name none; the pinned one unless given.
    api_version: Option<String>,
    /// Nango's id of the connection.
    nango_connection_id: Option<String>,
    /// Nango's integration.
    integration: Option<String>,
}

async fn add(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let version = request.api_version.as_deref().map(api_version).transpose()?;
    let row = match via(request.via.as_deref().unwrap_or("api_key"))? {
        Way::ApiKey => by_key(&app, &actor, request, version).await?,
        Way::Nango => by_nango(&app, &actor, request, version).await?,
        way => return Err(by_link(way)),
    };
    let status = if row.revision == 1 { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Answer::ok(view(&row)).status(status))
}

async fn by_key(
    app: &App,
    actor: &Actor,
    request: Request,
    version: Option<Version>,
) -> Result<Connection, Refused> {
    let Request { name, api_key, mode: wanted, base_url, is_default, .. } = request;
    for (field, given) in
        [("nangoConnectionId", request.nango_connection_id), ("integration", request.integration)]
    {
        if given.is_some() {
            return Err(stray(field, "api_key"));
        }
    }
    let key = api_key.ok_or_else(|| missing("apiKey"))?.into();
    let mode = wanted.as_deref().map(mode).transpose()?;
    let anywhere = actor.may(INSTALLATION);
    let add = AddKey { name, key, mode, base_url, anywhere, is_default, version };
    Ok(app.connections.audited(Some(actor.key), "connection.added").add_key(actor.company, add).await?)
}

async fn by_nango(
    app: &App,
    actor: &Actor,
    request: Request,
    version: Option<Version>,
) -> Result<Connection, Refused> {
    let Request { name, mode, is_default, nango_connection_id, integration, .. } = request;
    for (field, given) in [("apiKey", request.api_key.is_some()), ("baseUrl", request.base_url.is_some())] {
        if given {
            return Err(stray(field, "nango"));
        }
    }
    let wanted = Import { nango_connection_id, integration, is_default, version };
    import(app, actor, name, mode, wanted).await
}

fn by_link(way: Way) -> Refused {
    let text = format!(
        "a connection by `{}` is authorized by a link. Nothing was stored. Ask for one with POST \
         /api/v1/connections/stripe/authorize.",
        way.as_str()
    );
    Failure::new(Code::ValidationError, text).at("via").into()
}
