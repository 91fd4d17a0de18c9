//! `POST /webhooks/stripe`: one delivery of one event to the installation, which goes to
//! every company that has a connection to its account.
//!
//! The answer says nothing of the companies: whoever has the endpoint's secret need not
//! know them. It shares its room with the companies' own addresses.

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::stripe::Receiver;
use crate::failure::Refused;

/// Receives a delivery and answers Stripe.
pub(super) async fn receive(receiver: Receiver, request: Request) -> Result<Response, Refused> {
    let taken = receiver.take(request).await?;
    let routed = receiver.app.inbox.route(taken.signature.as_deref(), taken.body).await?;
    let mut answer = json!({
        "received": true,
        "eventId": routed.event,
        "workflowsTriggered": routed.listeners,
    });
    if routed.duplicate {
        answer["duplicate"] = json!(true);
    }
    Ok(Json(answer).into_response())
}
