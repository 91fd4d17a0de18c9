//! `GET /connections/callback`: somebody comes back from Stripe. No API key: the state
//! in the query is the proof. Redirects where the link said, else answers JSON.

use std::sync::Arc;

use ::connections::{Callback, Returned};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use serde::Deserialize;
use serde_json::json;

use crate::{App, answer::Answer, failure::Refused};

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

pub(crate) async fn callback(State(app): State<Arc<App>>, uri: Uri) -> Response {
    match taken(&app, &uri).await {
        Ok(Returned { redirect_url: Some(url), .. }) => Redirect::to(url.as_str()).into_response(),
        Ok(Returned { failure: Some(failure), .. }) => Refused::from(failure).into_response(),
        Ok(Returned { connection, .. }) => Answer::ok(json!({
            "connectionId": connection.id,
            "name": connection.name,
            "status": connection.status,
            "account": connection.account,
        }))
        .into_response(),
        Err(refused) => refused.into_response(),
    }
}

async fn taken(app: &App, uri: &Uri) -> Result<Returned, Refused> {
    let sent = axum::extract::Query::<Sent>::try_from_uri(uri).map(|axum::extract::Query(sent)| sent);
    let Sent { state, code, error, error_description } =
        sent.unwrap_or(Sent { state: None, code: None, error: None, error_description: None });
    Ok(app.connections.callback(Callback { state, code, error, error_description }).await?)
}
