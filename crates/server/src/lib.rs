//! The HTTP API over the parts, and the one place that puts the parts together.
//!
//! `crates/server/src/api/workflows/run.rs` is `POST /api/v1/workflows/{id}/run`: the
//! folder is the URL. Nothing here knows how Stripe encodes or what a workflow means;
//! a handler reads a request, asks one part, and writes the answer.

mod answer;
mod api;
mod app;
mod audit;
mod auth;
mod budget;
mod docs;
mod failure;
mod finish;
mod health;
mod hosts;
mod issue;
mod limits;
mod mask;
mod master;
mod page;
mod request;
mod serving;
mod sse;
mod surface;
#[cfg(test)]
mod tests;
mod webhooks;

pub use app::{App, Assembly, FIRST_COMPANY, assemble};
pub use auth::{Actor, SCOPES};
pub use docs::text as error_page;
pub use hosts::Hosts;
pub use issue::{Issued, ensure_company, issue_key};
pub use limits::{KeyLimits, ServerLimits};
pub use master::KeepMaster;
pub use serving::{Connections as ConnectionBounds, serve};

/// The whole HTTP surface; the same router that the command line calls in-process.
/// A process that listens on a socket takes [`listening`] instead.
pub fn router(app: App) -> axum::Router {
    surface::router(app, None)
}

/// The whole HTTP surface behind a check of `Host` and `Origin`, for sockets on
/// loopback: a web page that a browser shows must not reach it by a name of its own
/// (DNS rebinding). Deliveries of webhooks are not checked; they carry a signature.
pub fn listening(app: App, hosts: Hosts) -> axum::Router {
    surface::router(app, Some(hosts))
}
