//! What the sandbox was asked, in order.

use serde::Serialize;

/// The most entries that are kept; the oldest leave first.
pub(crate) const JOURNAL_MAX: usize = 100_000;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ran {
    /// The operation ran, whatever it answered.
    Executed,
    /// A stored answer was given again.
    Replayed,
    /// It was turned away before the operation ran.
    Refused,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalEntry {
    /// `POST`.
    pub method: String,
    /// `/v1/invoices`, without the query.
    pub path: String,
    /// The connected account that it was about; none for the sandbox's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The idempotency key it came with.
    pub key: Option<String>,
    /// The status of the answer, also when the answer was lost; 0 for a reset.
    pub status: u16,
    /// What became of it.
    pub ran: Ran,
    /// The fault that was put in its way.
    pub fault: Option<String>,
    /// `req_…`; none for a 401, as at Stripe.
    pub request_id: Option<String>,
    /// Milliseconds since 1970 on the sandbox's clock.
    pub at_ms: i64,
}
