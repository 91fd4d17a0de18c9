//! The routes, answered over a socket or in this process.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    answer::refuse, auth, connections, importing, integrations, oauth, page, sessions, state::Nango,
};

const BODY_MAX: usize = 1024 * 1024;

impl Nango {
    /// All of it, as a router.
    pub fn router(&self) -> Router {
        let keyed = Router::new()
            .route("/connections", get(connections::list).post(importing::import))
            .route("/connections/metadata", post(connections::metadata).patch(connections::metadata))
            .route(
                "/connections/{id}",
                get(connections::read).patch(connections::change).delete(connections::delete),
            )
            .route("/integrations", get(integrations::list))
            .route("/integrations/{key}", get(integrations::read))
            .route("/connect/sessions", post(sessions::create))
            .route("/connect/sessions/reconnect", post(sessions::reconnect))
            .route("/environment/webhook-signing-key/rotate", post(sessions::rotate))
            .route_layer(middleware::from_fn_with_state(self.clone(), auth::keyed));
        Router::new()
            .route("/", get(page::connect))
            .route("/oauth/connect/{integration}", get(oauth::start))
            .route("/oauth/callback", get(oauth::callback))
            .route("/api-auth/basic/{integration}", post(oauth::basic))
            // Stripe's events are taken and dropped.
            .route("/webhook/{environment}/{integration}", post(async || StatusCode::NO_CONTENT))
            .merge(keyed)
            .fallback(unknown)
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .layer(middleware::from_fn_with_state(self.clone(), dated))
            .with_state(self.clone())
    }

    /// Answers a request in this process.
    pub async fn answer(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, axum::body::Body::from(body));
        let Ok(response) = self.router().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        http::Response::from_parts(parts, body)
    }
}

/// Every answer says what time it is here, as any HTTP server's.
async fn dated(State(nango): State<Nango>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let now = nango.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response.headers_mut().extend(HeaderValue::from_str(&now).ok().map(|now| (header::DATE, now)));
    response
}

/// A route that is not there is a server error, not a 404.
async fn unknown(State(nango): State<Nango>) -> Response {
    let id = nango.uuid();
    let message = format!("An error occurred. Please contact support with this unique id: \"{id}\"");
    let error = json!({ "message": message, "code": "generic_error_support", "payload": id });
    *refuse(500, &error).0
}
