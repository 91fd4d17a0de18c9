//! `POST /webhooks/nango`: a hint that somebody connected, or that a renewal failed.
//!
//! Not Stripe's events, which never come this way. A hint may be lost or come twice:
//! looking at Nango is what counts, so nothing is stored, and a Nango that is slow to be
//! looked at does not keep its own delivery waiting.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use connections::{NangoDelivery, Unsigned};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::{App, failure::Refused, request::read};

/// Far more than a hint has.
const BODY_MAX: usize = 64 * 1024;
const BODY_PATIENCE: Duration = Duration::from_secs(5);
/// How long Nango is looked at before the answer; the background looks again.
const LOOK: Duration = Duration::from_secs(10);
/// Most hints that are followed at once.
const ROOM: usize = 16;

/// The receiver and its room.
#[derive(Clone)]
pub(crate) struct Receiver {
    app: Arc<App>,
    room: Arc<Semaphore>,
}

impl Receiver {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app, room: Arc::new(Semaphore::new(ROOM)) }
    }
}

/// Receives a hint.
pub(crate) async fn receive(receiver: Receiver, request: Request) -> Result<Response, Refused> {
    let Ok(_permit) = receiver.room.try_acquire() else {
        return Err(super::stripe::full());
    };
    let signature = request.headers().get("x-nango-hmac-sha256").map(|value| value.as_bytes().to_vec());
    let body = read(request, BODY_MAX, BODY_PATIENCE).await?;
    let signature = signature.ok_or_else(|| Unsigned.to_failure())?;
    let told = receiver.app.connections.told_by_nango(NangoDelivery { signature: &signature, body: &body });
    if let Ok(told) = tokio::time::timeout(LOOK, told).await {
        told.map_err(Unsigned::to_failure)?;
    }
    Ok(Json(json!({ "received": true })).into_response())
}
