//! Where Stripe delivers events, and Nango hints. Outside `/api/v1`: no key, the signature is the proof.

mod installation;
mod nango;
mod stripe;

use std::sync::Arc;

use axum::{Router, routing};

use crate::App;

/// The receiver's routes.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let receiver = stripe::Receiver::new(app.clone());
    let shared = receiver.clone();
    let hints = nango::Receiver::new(app.clone());
    Router::new()
        .route(
            "/webhooks/stripe/{company}",
            routing::post(move |id, request| stripe::receive(receiver.clone(), id, request)),
        )
        .route(
            "/webhooks/stripe",
            routing::post(move |request| installation::receive(shared.clone(), request)),
        )
        .route("/webhooks/nango", routing::post(move |request| nango::receive(hints.clone(), request)))
}
