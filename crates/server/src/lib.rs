//! The HTTP API over the parts, and the one place that puts the parts together.
//!
//! `crates/server/src/api/workflows/run.rs` is `POST /api/v1/workflows/{id}/run`: the
//! folder is the URL. Nothing here knows how Stripe encodes or what a workflow means;
//! a handler reads a request, asks one part, and writes the answer.

mod api;
mod app;
mod auth;
mod failure;
mod limits;
mod webhooks;

pub use app::{App, Assembly, FIRST_COMPANY, assemble};
pub use auth::{Actor, Issued, ensure_company, issue_key};
pub use limits::ServerLimits;

/// The whole HTTP surface; the same router that the command line calls in-process.
pub fn router(app: App) -> axum::Router {
    api::router(app)
}
