//! Reading events tolerantly: a receipt never fails because a body surprised us.

use model::{AccountId, EventId, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// What the inbox reads of an event.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "Stripe's own words")]
pub struct EventHead {
    pub id: EventId,
    pub kind: String,
    pub created: Timestamp,
    pub livemode: bool,
    /// `account`, else `context`.
    pub account: Option<AccountId>,
    /// `data.object.id` first, then the ids of its customer, invoice, payment intent,
    /// charge and subscription.
    pub objects: Vec<String>,
}

/// A receipt with its event, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct EventView {
    pub id: model::ReceiptId,
    pub event_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub account: String,
    pub mode: model::Mode,
    pub status: model::ReceiptStatus,
    pub created_at: Timestamp,
    pub received_at: Timestamp,
    pub objects: Vec<String>,
    pub tries: u32,
    pub next_try_at: Option<Timestamp>,
    pub error: Option<Value>,
    /// The runs that it started.
    pub runs: Vec<model::RunId>,
    /// The event itself; in lists it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Value>,
}
