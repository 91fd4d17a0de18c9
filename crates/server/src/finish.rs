//! What every answer gets, in one place: a request id, the body of a refusal, the
//! headers that browsers obey, and an answer even when a handler panicked.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, header};
use model::{Code, Failure, Retry};
use serde_json::json;

use crate::{
    App,
    auth::random_hex,
    failure::{Reason, Refused},
};

/// Said to every browser: guess no types, tell nobody where you came from, run and
/// frame nothing.
const ALWAYS: &[(HeaderName, &str)] = &[
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// What a page may load and do: our style sheet, and nothing else.
const OF_PAGES: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The same for what is no page.
const OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// The id of a request, for answers that go on after they have begun.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Handles a request and finishes its answer.
pub(crate) async fn finish(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = format!("req_{}", random_hex::<12>(app.rng.as_ref()));
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(%method, path, request_id = id, "a handler panicked");
            panicked()
        }
    };
    response = with_body(response, &id);
    let status = response.status().as_u16();
    tracing::debug!(%method, path, status, request_id = id, "answered");
    stamp(&mut response, &id, !path.starts_with("/docs/"));
    response
}

fn panicked() -> Response {
    Refused::from(
        Failure::new(
            Code::InternalError,
            "Bursar failed in an unforeseen way. If the request was a write, what became of it is on record: repeat it \
             with the same key. Please report this with the request id.",
        )
        .retry(Retry::SameKey),
    )
    .into_response()
}

/// Writes the body of a refusal, whose handler left only the reason.
fn with_body(mut response: Response, id: &str) -> Response {
    let Some(Reason(failure)) = response.extensions_mut().remove::<Reason>() else { return response };
    let body =
        Json(json!({ "success": false, "error": failure.clone().answering(id).body() })).into_response();
    let (parts, body) = body.into_parts();
    *response.body_mut() = body;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().extend(parts.headers);
    if let Retry::After { after_ms } = failure.retry {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(after_ms.div_ceil(1_000).max(1)));
    }
    if failure.code == Code::Unauthorized {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn stamp(response: &mut Response, id: &str, private: bool) {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let page =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if page { OF_PAGES } else { OF_DATA };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if private {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("request-id", id.clone());
        headers.insert("x-request-id", id);
    }
}
