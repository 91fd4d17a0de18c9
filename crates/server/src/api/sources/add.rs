//! `POST /sources`: notes a webhook endpoint of Stripe's and its signing secret. A known
//! endpoint's new secret is accepted beside the old one, until that runs out.

use std::sync::Arc;

use ::connections::Wanted;
use axum::{extract::State, routing::post};
use http::StatusCode;
use serde::Deserialize;

use super::{Given, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/sources", &["connections:write"], || post(add));

/// Has no `Debug`: it holds a secret.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// Stripe's endpoint id.
    endpoint: String,
    /// Its signing secret, `whsec_…`.
    secret: String,
    /// The connection of the account whose endpoint it is, by name or id; the default one.
    connection: Option<String>,
    /// How long the endpoint's secret before is accepted, in milliseconds.
    keep_old_ms: Option<u64>,
}

async fn add(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let wanted = request.connection.map_or(Wanted::Default, Wanted::Named);
    let of = app.connections.choose(actor.company, wanted).await?;
    let given =
        Given { endpoint: request.endpoint, secret: request.secret, keep_old_ms: request.keep_old_ms };
    let source = given.store(&app, &actor, Some(actor.company), (of.account, of.mode)).await?;
    Ok(Answer::ok(view(&source)).status(StatusCode::CREATED))
}
