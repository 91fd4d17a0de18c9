//! `POST /installation/sources`: notes an endpoint whose events are told apart by their
//! account, as those of a Connect platform. Rotation is as for a company's.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use http::StatusCode;
use model::{AccountId, Code, Failure, Mode};
use serde::Deserialize;

use super::SCOPES;
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{
        Route, Verb,
        sources::{Given, view},
    },
    failure::Refused,
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/installation/sources", SCOPES, || post(add));

/// Has no `Debug`: it holds a secret.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// Stripe's endpoint id.
    endpoint: String,
    /// Its signing secret, `whsec_…`.
    secret: String,
    /// `live`, `test` or `local`.
    mode: String,
    /// The account whose endpoint it is: the owner of events that name none. Stripe is
    /// asked unless it is given.
    account: Option<String>,
    /// How long the endpoint's secret before is accepted, in milliseconds.
    keep_old_ms: Option<u64>,
}

async fn add(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let mode = Mode::parse(&request.mode).ok_or_else(unknown_mode)?;
    let account = match request.account {
        Some(account) => checked(account)?,
        None => app.connections.own_account(mode).await?,
    };
    let given =
        Given { endpoint: request.endpoint, secret: request.secret, keep_old_ms: request.keep_old_ms };
    let source = given.store(&app, &actor, None, (account, mode)).await?;
    Ok(Answer::ok(view(&source)).status(StatusCode::CREATED))
}

fn checked(account: String) -> Result<AccountId, Refused> {
    let known = account.strip_prefix("acct_").is_some_and(|rest| {
        (1..=100).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    if known {
        return Ok(AccountId::new(account));
    }
    let text = "`account` is the id of a Stripe account, `acct_…`. Nothing was stored.";
    Err(Failure::new(Code::ValidationError, text).at("account").into())
}

fn unknown_mode() -> Refused {
    let text = "`mode` is one of `live`, `test` or `local`. Nothing was stored.";
    Failure::new(Code::ValidationError, text).at("mode").into()
}
