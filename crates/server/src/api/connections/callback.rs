//! `GET /connections/callback`: somebody comes back from Stripe. No API key: the state
//! in the query is the proof. Redirects where the link said; else a browser gets a page
//! and everybody else JSON.

use std::sync::Arc;

use ::connections::{Callback, Returned};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde_json::json;

use super::outcome;
use crate::{App, answer::Answer, failure::Refused, finish::RequestId, page};

/// Below `/api/v1`.
pub(crate) const PATH: &str = "/connections/callback";

/// What Stripe sends along; it may send more, which is not looked at.
#[derive(Deserialize)]
struct Sent {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

pub(crate) async fn callback(
    State(app): State<Arc<App>>,
    Extension(id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let browser = page::is_wanted(&headers);
    let refused = |why: Refused| {
        if browser { outcome::failed(&why.into_failure(), &id.0) } else { why.into_response() }
    };
    match taken(&app, &uri).await {
        Ok(Returned { redirect_url: Some(url), .. }) => Redirect::to(url.as_str()).into_response(),
        Ok(Returned { failure: Some(failure), .. }) => refused(failure.into()),
        Ok(Returned { connection, .. }) if browser => outcome::connected(&connection),
        Ok(Returned { connection, .. }) => Answer::ok(json!({
            "connectionId": connection.id,
            "name": connection.name,
            "status": connection.status,
            "account": connection.account,
        }))
        .into_response(),
        Err(why) => refused(why),
    }
}

async fn taken(app: &App, uri: &Uri) -> Result<Returned, Refused> {
    let sent = axum::extract::Query::<Sent>::try_from_uri(uri).map(|axum::extract::Query(sent)| sent);
    let Sent { state, code, error, error_description } =
        sent.unwrap_or(Sent { state: None, code: None, error: None, error_description: None });
    Ok(app.connections.callback(Callback { state, code, error, error_description }).await?)
}
