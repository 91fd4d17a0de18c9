//! Requests to the router without a socket.

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// What the router answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; `null` when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The code of a failure, empty for a success.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The message of a failure, empty for a success.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}

/// Sends one request through the whole HTTP surface.
///
/// # Panics
/// When a header cannot be sent at all; only tests call this.
pub async fn send(
    router: &Router,
    method: Method,
    path: &str,
    headers: &[(&str, &[u8])],
    body: impl Into<Bytes>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:7420");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.into())).expect("a test sends headers that exist");
    let answer = match router.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

/// Delivers an event as Stripe would.
pub async fn deliver(
    router: &Router,
    company: model::CompanyId,
    signature: Option<&[u8]>,
    body: impl Into<Bytes>,
) -> Answer {
    let path = format!("/webhooks/stripe/{company}");
    let mut headers: Vec<(&str, &[u8])> = vec![("content-type", b"application/json")];
    headers.extend(signature.map(|value| ("stripe-signature", value)));
    send(router, Method::POST, &path, &headers, body).await
}
