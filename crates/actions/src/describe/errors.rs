//! The errors that a caller is likely to meet, by what the operation takes and does.

use model::Code;

use super::Description;
use crate::{Effect, LOCKED};

/// An error, and when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LikelyError {
    /// Its code, with a page of its own.
    pub code: Code,
    /// When it comes.
    pub when: &'static str,
}

/// Operations that may ask a card for money at once.
const CHARGING: &[&str] = &[
    "invoices.pay",
    "paymentIntents.capture",
    "paymentIntents.confirm",
    "paymentIntents.create",
    "subscriptions.create",
    "subscriptions.update",
];

pub(super) fn likely(described: &Description) -> Vec<LikelyError> {
    let writes = described.effect != Some(Effect::Read);
    let names = |field: &&super::Field| {
        field.name.ends_with("Id") || LOCKED.contains(&field.stripe) || described.stands_in_path(field)
    };
    let takes_ids = described.fields.iter().chain(&described.more).find(names).is_some();
    let charges = described.operation.is_none_or(|operation| CHARGING.contains(&operation.id));
    let all = [
        (true, Code::ValidationError, "A field is unknown, missing or of the wrong type. Nothing was sent."),
        (writes, Code::IdempotencyKeyRequired, "Over HTTP, without an `Idempotency-Key`. Nothing was sent."),
        (takes_ids, Code::ResourceMissing, "An id names nothing that this account and mode have."),
        (charges, Code::CardDeclined, "The bank refused the payment. No money moved."),
        (
            charges,
            Code::AuthenticationRequired,
            "The bank wants the customer to confirm. No money moved yet.",
        ),
        (true, Code::InvalidRequestError, "Stripe refused the request, often because of the object's state."),
        (true, Code::PermissionError, "The connection's key lacks the permission."),
        (writes, Code::LockTimeout, "Another write held the object for too long. The same key is safe."),
        (true, Code::RateLimitError, "Stripe allows no more requests at present."),
        (writes, Code::OutcomeUnknown, "The answer was lost; the same key finds out what happened."),
        (writes, Code::IdempotencyError, "Stripe saw the key with another request."),
    ];
    let met = all.into_iter().filter(|(is, ..)| *is);
    met.map(|(_, code, when)| LikelyError { code, when }).collect()
}
