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
//!
//! What surprises: a plain 400 after an unknown outcome is no refusal. Parameters
//! are looked at before the key is, so it does not say what the first attempt did,
//! and repeating would bring the same 400; the reconciler has to look. For the same
//! reason failing to connect, 429 and 401 leave an unknown outcome unknown. A read
//! changes nothing, so its last attempt alone decides.

use std::time::Duration;

#[cfg(test)]
mod tests;

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
/// what an answer means. What is settled stays settled.
pub fn fold(before: Option<&Outcome>, kind: &Kind, now: Attempt) -> Outcome {
    match before {
        Some(settled @ (Outcome::Done(_) | Outcome::Rejected(_))) => settled.clone(),
        Some(Outcome::OutcomeUnknown(unknown)) if *kind != Kind::Read => after_unknown(unknown, kind, now),
        Some(Outcome::OutcomeUnknown(_) | Outcome::NotSent(_)) | None => alone(kind, now),
    }
}

/// What an attempt says of itself.
fn alone(kind: &Kind, now: Attempt) -> Outcome {
    let answer = match now {
        Attempt::NeverSent(why) => return Outcome::NotSent(NotSent::Unreachable(why)),
        Attempt::Broken(why) => {
            return Outcome::OutcomeUnknown(Unknown { why, error: None, next: again(kind, Duration::ZERO) });
        }
        Attempt::Answered(answer) => answer,
    };
    if (200..300).contains(&answer.status) {
        return Outcome::Done(answer);
    }
    let error = StripeError::new(answer.status, answer.headers, answer.body);
    match error.status {
        400..500 if reused_key(kind, &error) => unknown(kind, error, Next::Reconcile),
        // A saved answer: it will be the same under this key whenever it is asked for.
        400..500 if error.headers.replayed => Outcome::Rejected(error),
        401 => Outcome::NotSent(NotSent::Unauthorized(error)),
        429 => Outcome::NotSent(NotSent::Limited(error)),
        409 => repeat(kind, error),
        400..500 => Outcome::Rejected(error),
        _ => repeat(kind, error),
    }
}

/// What an attempt adds when an earlier one may have taken place.
fn after_unknown(before: &Unknown, kind: &Kind, now: Attempt) -> Outcome {
    let seen = alone(kind, now);
    let mut unknown = match seen {
        Outcome::Done(_) => return seen,
        Outcome::Rejected(error) if error.headers.replayed => return Outcome::Rejected(error),
        Outcome::Rejected(error) => still(describe(&error), Some(error), Next::Reconcile),
        Outcome::NotSent(NotSent::Unreachable(why)) => still(why, None, again(kind, Duration::ZERO)),
        Outcome::NotSent(NotSent::Limited(error) | NotSent::Unauthorized(error)) => {
            let after = error.headers.retry_after.unwrap_or_default();
            still(describe(&error), Some(error), again(kind, after))
        }
        Outcome::OutcomeUnknown(unknown) => unknown,
    };
    if before.next == Next::Reconcile {
        unknown.next = Next::Reconcile;
    }
    if *kind == Kind::Delete {
        unknown.next = Next::ReadFirst;
    }
    unknown.error = unknown.error.or_else(|| before.error.clone());
    Outcome::OutcomeUnknown(unknown)
}

fn still(last: String, error: Option<StripeError>, next: Next) -> Unknown {
    let why = format!("an earlier attempt may have taken place, and the last one does not tell: {last}");
    Unknown { why, error, next }
}

/// 409, 5xx and whatever Stripe never sends. A saved 5xx would only come back.
fn repeat(kind: &Kind, error: StripeError) -> Outcome {
    let pointless = error.headers.replayed || error.headers.should_retry == Some(false);
    let next =
        if pointless { Next::Reconcile } else { again(kind, error.headers.retry_after.unwrap_or_default()) };
    unknown(kind, error, next)
}

fn unknown(kind: &Kind, error: StripeError, next: Next) -> Outcome {
    let next = match kind {
        Kind::Write(_) => next,
        Kind::Delete => Next::ReadFirst,
        // Nothing to reconcile; how often to repeat is the caller's limit.
        Kind::Read => again(kind, error.headers.retry_after.unwrap_or_default()),
    };
    Outcome::OutcomeUnknown(Unknown { why: describe(&error), error: Some(error), next })
}

fn again(kind: &Kind, after: Duration) -> Next {
    if *kind == Kind::Delete { Next::ReadFirst } else { Next::SameKey { after } }
}

/// Our key met other parameters: something was done under it, and not this.
fn reused_key(kind: &Kind, error: &StripeError) -> bool {
    matches!(kind, Kind::Write(_)) && error.kind() == Some("idempotency_error")
}

fn describe(error: &StripeError) -> String {
    match error.message() {
        Some(message) => format!("Stripe answered {}: {message}", error.status),
        None => format!("Stripe answered {}", error.status),
    }
}
