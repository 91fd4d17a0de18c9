//! The whole HTTP surface, from the outside in: finish, host check, routes.

use std::sync::Arc;

use axum::{Router, middleware, routing};
use http::{Method, StatusCode, Uri};
use model::{Code, Failure};

use crate::{App, Hosts, api, docs, failure::Refused, finish, health, hosts, page, webhooks};

/// The router; with hosts, requests for other names are refused.
pub(crate) fn router(app: App, hosts: Option<Hosts>) -> Router {
    let app = Arc::new(app);
    let routes = api::routes(&app)
        .route("/health", routing::get(health::health))
        .route("/ready", routing::get(health::ready))
        .route("/docs/errors/{code}", routing::get(docs::error))
        .route(page::STYLE_PATH, routing::get(page::style))
        .merge(webhooks::routes(&app))
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing_here)
        .with_state(app.clone());
    let guarded = match hosts {
        Some(hosts) => routes.layer(middleware::from_fn_with_state(hosts, hosts::check)),
        None => routes,
    };
    guarded.layer(middleware::from_fn_with_state(app, finish::finish))
}

async fn nothing_here(method: Method, uri: Uri) -> Refused {
    let path: String = uri.path().chars().take(200).collect();
    Failure::new(
        Code::NotFound,
        format!("There is nothing at {method} {path}. Nothing was done. The API is below `/api/v1`."),
    )
    .into()
}

async fn wrong_method(method: Method, uri: Uri) -> Refused {
    let path: String = uri.path().chars().take(200).collect();
    Refused::from(Failure::new(
        Code::NotFound,
        format!("{path} does not take {method}. Nothing was done. The header `Allow` says what it takes."),
    ))
    .with_status(StatusCode::METHOD_NOT_ALLOWED)
}
