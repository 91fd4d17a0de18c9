//! The one table of outcomes: what an attempt means for what Stripe did.
//!
//! | attempt | outcome |
//! |---|---|
//! | 2xx | `Done` |
//! | 4xx except 409, 429 (and 401) | `Rejected`, with what Stripe left behind |
//! | failed to connect, 429, 401 | `NotSent` |
//! | 409, 5xx, anything broken later | `OutcomeUnknown` |
//!
//! An outcome is folded over attempts: after `OutcomeUnknown` only a 2xx, or an
//! error with `Idempotent-Replayed: true`, settles it. A replayed 5xx, or an
//! `idempotency_error` on our own key, goes to the reconciler.

use std::time::Duration;

use crate::{Answer, Attempt, Kind, StripeError};

/// How a call stands after its attempts so far.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Stripe did it.
    Done(Answer),
    /// Stripe answered no. `left_behind` of the error names what it created all the same.
    Rejected(StripeError),
    /// It did not happen and may be sent again.
    NotSent(NotSent),
    /// It may have happened.
    OutcomeUnknown(Unknown),
}

/// Why a request did not take place.
#[derive(Debug, Clone, PartialEq)]
pub enum NotSent {
    /// No connection to Stripe.
    Unreachable(String),
    /// 429; the error has Stripe's reason. `lock_timeout` is one of these.
    Limited(StripeError),
    /// 401: the credential is not accepted.
    Unauthorized(StripeError),
}

/// What is known of a call whose outcome is unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// What broke, for people.
    pub why: String,
    /// Stripe's error, when it answered with one.
    pub error: Option<StripeError>,
    /// What to do about it.
    pub next: Next,
}

/// What follows from an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Repeat the same bytes under the same key, not sooner than this.
    SameKey {
        /// The least time to wait; zero leaves it to the caller's backoff.
        after: Duration,
    },
    /// A delete: read the object before anything else.
    ReadFirst,
    /// Repeating will not tell any more: reconcile.
    Reconcile,
}

/// Folds one more attempt into what was known. Pure; the only place that decides
/// what an answer means.
pub fn fold(_before: Option<&Outcome>, _kind: &Kind, _now: Attempt) -> Outcome {
    todo!()
}
