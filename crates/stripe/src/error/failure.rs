//! Stripe's error in our words.
//!
//! Three sentences in a fixed order: what happened, what did or did not change at
//! Stripe, what to do. The sentence in the middle is the one people act on, so it
//! never says more than the answer proves.

use model::{Code, Failure, Retry};
use serde_json::Value;

use super::{INVOICE_REQUIRES_ACTION, NOT_IN_SANDBOX, StripeError};

/// What to do about what the sandbox does not do.
const NOT_HERE: &str = "Leave it out here, or try it on a test account of Stripe's.";

const NOTHING_CHANGED: &str = "Nothing changed at Stripe.";

/// The wait after a 429 that names none.
const LIMITED_MS: u64 = 1_000;

pub(super) fn of(error: &StripeError) -> Failure {
    let code = error.our_code();
    let to_do = error.advice.as_ref().map_or(to_do(error, code), |advice| &advice.to_do);
    let message = if error.code() == Some(NOT_IN_SANDBOX) {
        format!("{} {NOT_HERE}", error.message().unwrap_or_default())
    } else {
        let (happened, changed) = (happened(error, code), changed(error, code));
        // The sandbox's own refusals say it already.
        match happened.ends_with("Nothing was changed.") && changed == NOTHING_CHANGED {
            true => format!("{happened} {to_do}"),
            false => format!("{happened} {changed} {to_do}"),
        }
    };
    let stripe = match error.body.get("error") {
        Some(object @ Value::Object(_)) => object.clone(),
        _ => error.body.clone(),
    };
    let mut failure = Failure::new(code, message).with_stripe(stripe).retry(retry(error, code));
    failure.details = error.advice.as_ref().map(|advice| advice.details.clone());
    failure.field = error.param().filter(|param| !param.is_empty()).map(field);
    failure
}

fn happened(error: &StripeError, code: Code) -> String {
    let reason = error.decline_code().or(error.code()).unwrap_or("no reason given");
    let what = match code {
        Code::CardDeclined => return format!("Stripe declined the card ({reason})."),
        Code::AuthenticationRequired => {
            let asks = "authentication_required";
            let reason = error.code().filter(|code| *code == INVOICE_REQUIRES_ACTION).unwrap_or(asks);
            return format!("Stripe asks the customer to authenticate the payment ({reason}).");
        }
        Code::AuthenticationError => "Stripe does not accept the connection's key",
        Code::PermissionError => "Stripe does not allow this to the connection's key",
        Code::RateLimitError => "Stripe asked to slow down",
        Code::LockTimeout => "Another request held the object at Stripe",
        Code::IdempotencyError => "Stripe refused the idempotency key",
        Code::ApiError => "Stripe failed",
        _ => "Stripe refused the request",
    };
    match error.message() {
        Some(message) => {
            let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
            format!("{what} ({}): {message}{end}", error.status)
        }
        None => format!("{what} ({}, without a message).", error.status),
    }
}

fn changed(error: &StripeError, code: Code) -> String {
    match (code, error.left_behind()) {
        (Code::CardDeclined | Code::AuthenticationRequired, Some(id)) => {
            format!("No money moved; `{id}` stays at Stripe.")
        }
        (Code::CardDeclined | Code::AuthenticationRequired, None) => "No money moved.".to_owned(),
        (Code::ApiError, _) => "Whether anything changed at Stripe is not known.".to_owned(),
        (Code::IdempotencyError, _) => {
            "This request changed nothing; what another one under its key did is not known from this."
                .to_owned()
        }
        (_, Some(id)) => format!("What was asked for was not done; `{id}` is at Stripe."),
        (_, None) => NOTHING_CHANGED.to_owned(),
    }
}

fn to_do(error: &StripeError, code: Code) -> &'static str {
    match code {
        Code::CardDeclined => {
            "Ask for another card, or try again later under a new key; the same key brings this answer again."
        }
        Code::AuthenticationRequired => "Bring the customer back to authenticate, then confirm the payment.",
        Code::AuthenticationError => "Replace the connection's credential, then retry with the same key.",
        Code::PermissionError => {
            "Give the credential the permission that Stripe names, or connect the account again."
        }
        Code::RateLimitError => "Retry with the same key after a pause; fewer calls at a time help.",
        Code::LockTimeout => "Retry with the same key: another request held the object.",
        Code::IdempotencyError if error.status == 409 => "Retry with the same key; the other one is running.",
        Code::IdempotencyError => "Look at what was done under the key before using another one.",
        Code::ResourceMissing => "Check the id, and that it belongs to this account and mode.",
        Code::ApiError if is_saved(error) => {
            "Look at Stripe before anything else: repeating brings this again."
        }
        Code::ApiError => "Retry with the same key, which cannot do it twice.",
        _ => "Correct the request and send it under a new key.",
    }
}

fn retry(error: &StripeError, code: Code) -> Retry {
    let by_code = match code {
        Code::CardDeclined | Code::AuthenticationRequired => Retry::Ask,
        Code::AuthenticationError | Code::PermissionError => Retry::Ask,
        Code::RateLimitError => Retry::After { after_ms: after_ms(error) },
        Code::LockTimeout => Retry::SameKey,
        Code::IdempotencyError if error.status == 409 => Retry::SameKey,
        Code::IdempotencyError => Retry::Ask,
        Code::ApiError if is_saved(error) => Retry::Ask,
        Code::ApiError => Retry::SameKey,
        _ => Retry::Never,
    };
    match (error.headers.should_retry, by_code) {
        (Some(true), Retry::Never) => Retry::SameKey,
        (Some(false), Retry::SameKey) => Retry::Ask,
        _ => by_code,
    }
}

fn after_ms(error: &StripeError) -> u64 {
    let given = error.headers.retry_after.map(|wait| wait.as_millis());
    given.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(LIMITED_MS)
}

/// Stripe saves what an execution answered, a 500 included (Stripe's API, Idempotent requests).
fn is_saved(error: &StripeError) -> bool {
    error.headers.replayed || error.headers.should_retry == Some(false)
}

/// `items[0][price]` as our inputs write it, `items[0].price`.
fn field(param: &str) -> String {
    let mut path = String::with_capacity(param.len());
    for part in param.split(['[', ']']).filter(|part| !part.is_empty()) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}
