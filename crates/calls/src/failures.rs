//! What is said when a call has no outcome to show. Each says what happened, what did
//! or did not change at Stripe, and what to do.

use model::{CallId, Code, Failure, Retry};
use serde_json::{Value, json};
use store::{CommitError, Intent, ReadError};
use stripe::{NotSent, Outcome, StripeError, Unknown};

use crate::{CallError, Known};

pub(crate) fn unfinished(failure: Failure, call: Option<CallId>) -> CallError {
    CallError::Unfinished { failure: Box::new(failure), call }
}

/// Why a request did not take place, while it still may: a clause without a full stop,
/// which what ends the call makes a sentence of.
pub(crate) fn not_sent(why: &NotSent) -> Failure {
    match why {
        NotSent::Unreachable(why) => {
            let text = format!("Stripe could not be reached ({})", clause(why));
            Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
        }
        NotSent::Limited(error) if error.our_code() == Code::LockTimeout => {
            with(error, "another request held the object at Stripe").retry(Retry::SameKey)
        }
        NotSent::Limited(error) => with(error, "Stripe asked to slow down").retry(error.to_failure().retry),
        NotSent::Unauthorized(error) => {
            with(error, "Stripe did not accept the connection's key").retry(Retry::Ask)
        }
    }
}

/// Why an outcome is not known, while it still may become so: a clause, as above.
pub(crate) fn unknown(why: &Unknown) -> Failure {
    let failure = Failure::new(Code::OutcomeUnknown, clause(&why.why)).retry(Retry::SameKey);
    match &why.error {
        Some(error) => failure.with_stripe(error_object(error)),
        None => failure,
    }
}

/// Stripe may list an event only after a while; a clause, as above.
pub(crate) fn no_event_yet() -> Failure {
    let text = "Stripe lists no event of it, which proves nothing within a minute of sending";
    Failure::new(Code::OutcomeUnknown, text).retry(Retry::SameKey)
}

fn with(error: &StripeError, what: &str) -> Failure {
    let said = error.message().map(|message| format!(" ({})", clause(message))).unwrap_or_default();
    Failure::new(error.our_code(), format!("{what}{said}")).with_stripe(error_object(error))
}

/// Text that can stand inside a sentence.
fn clause(text: &str) -> &str {
    text.trim_end().trim_end_matches('.')
}

fn error_object(error: &StripeError) -> Value {
    error.body.get("error").cloned().unwrap_or_else(|| error.body.clone())
}

pub(crate) fn no_time_to_send() -> Failure {
    let text = "it did not get its turn among the calls that Bursar holds below Stripe's limits, within the time \
                that its caller waits";
    Failure::new(Code::RateLimitError, text).retry(Retry::SameKey)
}

/// What a person can do about a call that was not sent.
fn to_do(code: Code) -> &'static str {
    match code {
        Code::AuthenticationError => " Give the connection a key that works.",
        Code::RateLimitError => " Ask for less at a time.",
        Code::ConnectionUnreachable => " Check the way from this machine to Stripe.",
        _ => "",
    }
}

/// The end of an interactive call whose intent stays open.
pub(crate) fn given_up(intent: &Intent, before: Option<&Outcome>, last: Failure) -> Failure {
    let action = &intent.action;
    if matches!(before, Some(Outcome::OutcomeUnknown(_))) {
        let text = format!(
            "{action} was sent to Stripe, and its outcome is not known yet: {}. It may have been done. Bursar \
             keeps the exact request and goes on finding out under the same key; ask again with the same \
             idempotency key to learn the outcome, and never with another.",
            last.message
        );
        return Failure { code: Code::OutcomeUnknown, message: text, retry: Retry::SameKey, ..last };
    }
    let goes_on = "Bursar keeps the exact request and goes on trying; ask again with the same idempotency key to \
                   learn the outcome.";
    let text = if is_whole(&last) {
        format!("{} {goes_on}", last.message)
    } else {
        format!(
            "{action} was not done: {}. Nothing changed at Stripe so far.{} {goes_on}",
            last.message,
            to_do(last.code)
        )
    };
    Failure { message: text, ..last }
}

/// Whether a failure comes from elsewhere and says all it has to, in sentences.
fn is_whole(failure: &Failure) -> bool {
    failure.message.ends_with('.')
}

/// The end of a write that Stripe failed at, of which looking showed that nothing was
/// done. Stripe keeps the failure under the key, so the key is spent.
pub(crate) fn undone(action: &str, error: &StripeError) -> Failure {
    let text = format!(
        "{action} was not done: Stripe failed while it worked on it ({error}), and a look at Stripe shows that \
         nothing came of it. Nothing changed at Stripe. Send it again under a new idempotency key; the same key \
         brings this answer again.",
        error = stripes_words(error)
    );
    let details = json!({ "stripeRequestId": error.headers.request_id });
    Failure::new(error.our_code(), text).with_stripe(error_object(error)).with_details(details)
}

/// `500: An unknown error occurred`.
fn stripes_words(error: &StripeError) -> String {
    match error.message() {
        Some(message) => format!("{}: {}", error.status, clause(message)),
        None => error.status.to_string(),
    }
}

/// The end of a read.
pub(crate) fn not_read(action: &str, last: Failure) -> Failure {
    if is_whole(&last) {
        return last;
    }
    let code = if last.code == Code::OutcomeUnknown { Code::ApiError } else { last.code };
    let text = format!(
        "{action} failed: {}. A read changes nothing at Stripe.{} Try again in a moment.",
        last.message,
        to_do(last.code)
    );
    Failure { code, message: text, ..last }
}

/// Stripe could not be looked at for a person's decision.
pub(crate) fn not_reviewed(last: Failure) -> Failure {
    let code = if last.code == Code::OutcomeUnknown { Code::ApiError } else { last.code };
    let text = format!(
        "Stripe could not be looked at, so nothing was decided: {}. Nothing changed at Stripe. Say it again once \
         Stripe can be reached.",
        clause(&last.message)
    );
    Failure { code, message: text, retry: Retry::SameKey, ..last }
}

pub(crate) fn running(action: &str) -> Failure {
    Failure::new(
        Code::OutcomeUnknown,
        format!(
            "{action} is under way under this idempotency key, and its outcome is not known yet. It may have been \
             done. Ask again with the same key to learn it; nothing is done twice."
        ),
    )
    .retry(Retry::SameKey)
}

pub(crate) fn other_request(intent: &Intent) -> CallError {
    let text = format!(
        "This idempotency key was used for another request ({}, call {}). Nothing was sent to Stripe now. Use a \
         new key for a new request, or repeat the former input exactly.",
        intent.action, intent.call
    );
    CallError::Conflict(Box::new(Failure::new(Code::Conflict, text).at("Idempotency-Key")))
}

pub(crate) fn no_intent(key: &str) -> CallError {
    let text = format!("There is no call under the key {key}. Nothing was sent to Stripe. Check the key.");
    unfinished(Failure::new(Code::NotFound, text), None)
}

pub(crate) fn read(error: &ReadError) -> Failure {
    if matches!(error, ReadError::Damaged { .. }) {
        let text = format!(
            "A record of this call cannot be read: {error}. Nothing was sent to Stripe now; what was sent before is \
             not known. Look in Stripe's dashboard before you do it again."
        );
        // Asking again tells nothing.
        return Failure::new(Code::InternalError, text).retry(Retry::Ask);
    }
    let text = format!(
        "The records of calls cannot be read: {error}. Nothing was sent to Stripe now. Repeat with the same key \
         when the database is back."
    );
    Failure::new(Code::StoreUnavailable, text).retry(Retry::SameKey)
}

pub(crate) fn not_begun(error: &CommitError) -> Failure {
    let text = format!(
        "The call could not be noted down, so it was not sent: {error}. Nothing changed at Stripe. Check the \
         database's disk, then repeat under the same key."
    );
    Failure::new(Code::StoreUnavailable, text).retry(Retry::SameKey)
}

pub(crate) fn bad_record(intent: &Intent, why: &str) -> Failure {
    let text = format!(
        "The stored request of call {} cannot be read ({why}), so it was not sent again. What it did at Stripe \
         before is not known. Look for it in Stripe's dashboard under the key {}.",
        intent.call, intent.key
    );
    Failure::new(Code::InternalError, text).retry(Retry::Ask)
}

/// What a person is told who has to decide.
pub(crate) fn parked(intent: &Intent, why: &str, seen: Value, last: Option<&StripeError>) -> Known {
    let text = format!(
        "Nobody can find out by machine what became of {}: {why}. It may have been done once; it was not done \
         twice. Look in Stripe's dashboard (the key is {}), then decide.",
        intent.action, intent.key
    );
    let details = json!({ "callId": intent.call, "stripeIdempotencyKey": intent.key, "seen": seen });
    let mut failure = Failure::new(Code::Parked, text).with_details(details).retry(Retry::Ask);
    failure.stripe = last.map(error_object);
    Known { failure, seen }
}
