//! `POST /webhooks/stripe/{companyId}`: one delivery of one event.
//!
//! A 200 means "on disk". Whatever is refused, Stripe sends again; so when there is no
//! room the answer is 503 at once, after the body of a usual delivery was read: a client
//! that is still writing would otherwise see a reset instead of the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use model::{Code, CompanyId, Failure, Retry};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    App,
    failure::Refused,
    request::{Id, drain, read},
};

/// How long a delivery's body may take; a slow client must not keep others out.
const BODY_PATIENCE: Duration = Duration::from_secs(5);

/// The receiver and its room.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(super) app: Arc<App>,
    room: Arc<Semaphore>,
}

impl Receiver {
    pub(crate) fn new(app: Arc<App>) -> Self {
        let room = Arc::new(Semaphore::new(app.server.deliveries));
        Self { app, room }
    }

    /// Reads a delivery, when there is room for it; the room is held until it is dropped.
    pub(super) async fn take(&self, request: Request) -> Result<Delivery<'_>, Refused> {
        let Ok(room) = self.room.try_acquire() else {
            drain(request.into_body()).await;
            return Err(full());
        };
        let signature = request.headers().get("stripe-signature").map(|value| value.as_bytes().to_vec());
        let body = read(request, self.app.server.body_bytes, BODY_PATIENCE).await?;
        Ok(Delivery { signature, body, _room: room })
    }
}

/// A delivery, unverified.
pub(super) struct Delivery<'r> {
    pub(super) signature: Option<Vec<u8>>,
    pub(super) body: Bytes,
    _room: SemaphorePermit<'r>,
}

/// Receives a delivery and answers Stripe.
pub(crate) async fn receive(receiver: Receiver, id: Id, request: Request) -> Result<Response, Refused> {
    let Delivery { signature, body, _room } = receiver.take(request).await?;
    let company: CompanyId = id.parse("company")?;
    let received = receiver.app.inbox.receive(company, signature.as_deref(), body).await?;
    let mut answer = json!({
        "received": true,
        "eventId": received.event,
        "workflowsTriggered": received.listeners,
    });
    if received.duplicate {
        answer["duplicate"] = json!(true);
    }
    Ok(Json(answer).into_response())
}

/// There is no room at this moment.
pub(super) fn full() -> Refused {
    Failure::new(
        Code::StoreUnavailable,
        "Too many deliveries are being handled at this moment. This one was not stored; it can be sent again.",
    )
    .retry(Retry::After { after_ms: 1_000 })
    .into()
}
