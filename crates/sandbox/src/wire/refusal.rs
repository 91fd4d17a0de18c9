//! Stripe's errors (Stripe's API, Errors). Keys that say nothing are left out.

use serde_json::{Map, Value, json};
use stripe::{
    Version,
    tables::{Invalid, Problem},
};

/// An error answer in the making.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error: Map<String, Value>,
    /// What was changed on the way stays: a declined payment leaves its attempt.
    pub(crate) leaves: bool,
}

impl Refusal {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert("message".into(), Value::String(message.into()));
        error.insert("type".into(), Value::String(kind.into()));
        Self { status, error, leaves: false }
    }

    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.error.insert(field.to_owned(), value.into());
        self
    }

    pub(crate) fn with_code(self, code: &str) -> Self {
        let link = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        self.with("code", code).with("doc_url", link)
    }

    pub(crate) fn with_param(self, param: &str) -> Self {
        self.with("param", param)
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn leaving(mut self) -> Self {
        self.leaves = true;
        self
    }

    /// The whole body.
    pub(crate) fn body(mut self) -> Value {
        self.error.sort_keys();
        json!({"error": self.error})
    }
}

/// 400 `invalid_request_error` without a code.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "invalid_request_error", message)
}

/// 401, which at Stripe has a message and a type and nothing else.
pub(crate) fn unauthorized(message: impl Into<String>) -> Refusal {
    Refusal::new(401, "invalid_request_error", message)
}

/// 401 for a key or token that worked once.
pub(crate) fn key_expired(masked: &str) -> Refusal {
    unauthorized(format!("Expired API Key provided: {masked}")).with_code("api_key_expired")
}

/// 401 for a token whose consent was taken back.
pub(crate) fn access_revoked(masked: &str) -> Refusal {
    unauthorized(format!(
        "Expired API Key provided: {masked}. Platform access may have been revoked by the connected account."
    ))
    .with_code("platform_api_key_expired")
}

/// 403 `account_invalid`.
pub(crate) fn no_access(who: &str, account: &str) -> Refusal {
    let account: String = account.chars().take(64).collect();
    invalid(format!(
        "{who} does not have access to account '{account}' (or that account does not exist). Application access may have been revoked."
    ))
    .with_code("account_invalid")
    .with_status(403)
}

/// 403 without a code, naming what is missing.
pub(crate) fn not_permitted(who: &str, account: &str, missing: &str) -> Refusal {
    invalid(format!(
        "{who} does not have the required permissions for this endpoint on account '{account}'. Having the '{missing}' permission would allow this request to continue."
    ))
    .with_status(403)
}

/// 402 `card_error`.
pub(crate) fn card(message: &str, code: &str) -> Refusal {
    Refusal::new(402, "card_error", message).with_code(code)
}

/// 400 `idempotency_error`: no code, no param.
pub(crate) fn other_request(key: &str) -> Refusal {
    Refusal::new(
        400,
        "idempotency_error",
        format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
        ),
    )
}

/// 409: a request under this key is still running.
pub(crate) fn in_use() -> Refusal {
    Refusal::new(
        409,
        "invalid_request_error",
        "Another request with this idempotency key is still running. Repeat it once that one has ended.",
    )
    .with_code("idempotency_key_in_use")
}

/// 429 of a limiter.
pub(crate) fn rate_limited() -> Refusal {
    Refusal::new(429, "invalid_request_error", "Too many requests. Slow down and repeat.")
        .with_code("rate_limit")
}

/// 429 of an object's lock.
pub(crate) fn lock_timeout() -> Refusal {
    Refusal::new(
        429,
        "invalid_request_error",
        "This object is locked by another request for too long. Repeat the request.",
    )
    .with_code("lock_timeout")
}

/// 500.
pub(crate) fn broken(message: &str) -> Refusal {
    Refusal::new(500, "api_error", message)
}

/// 404 for a path that is no operation.
pub(crate) fn unrecognized(method: &str, path: &str) -> Refusal {
    let path: String = path.chars().take(200).collect();
    invalid(format!(
        "Unrecognized request URL ({method}: {path}). The operations and their paths are listed at https://docs.stripe.com/api."
    ))
    .with_status(404)
}

/// 400 `resource_missing` about an id in a parameter.
pub(crate) fn missing(kind: &str, id: &str, param: &str) -> Refusal {
    let shown: String = id.chars().take(200).collect();
    let message = format!("No such {}: '{shown}'", label(kind));
    let message = match kind {
        "payment_method" => format!(
            "{message}; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this request on that connected account."
        ),
        _ => message,
    };
    invalid(message).with_code("resource_missing").with_param(param)
}

/// 400 about an API version that the sandbox does not speak.
pub(crate) fn not_spoken(version: &str) -> Refusal {
    let known: Vec<&str> = Version::all().map(Version::as_str).collect();
    let shown: String = version.chars().take(64).collect();
    invalid(format!("Invalid Stripe API version: {shown}. This sandbox speaks {}.", known.join(", ")))
}

/// 400 about what Stripe does and the sandbox does not. Its code is none of Stripe's.
pub(crate) fn not_here(what: &str) -> Refusal {
    let why = format!("The sandbox does not do {what} yet; Stripe does. Nothing was changed.");
    invalid(why).with("code", stripe::error::NOT_IN_SANDBOX)
}

/// How Stripe writes the kind in "No such …".
fn label(kind: &str) -> &str {
    match kind {
        "payment_method" => "PaymentMethod",
        "webhook_endpoint" => "webhook endpoint",
        "line_item" => "invoice line item",
        other => other,
    }
}

/// The error for a parameter that the tables refuse.
pub(crate) fn parameter(invalid_one: &Invalid) -> Refusal {
    let param = invalid_one.param.as_str();
    let refused = match &invalid_one.problem {
        Problem::Unknown { nearest } => {
            let hint = nearest.as_ref().map(|n| format!(". Did you mean {n}?")).unwrap_or_default();
            invalid(format!("Received unknown parameter: {param}{hint}")).with_code("parameter_unknown")
        }
        Problem::Missing => {
            invalid(format!("Missing required param: {param}.")).with_code("parameter_missing")
        }
        Problem::Empty => invalid(format!(
            "You passed an empty string for '{param}', which cannot be unset. Leave it out or give it a value."
        ))
        .with_code("parameter_invalid_empty"),
        Problem::NotInteger { given } => {
            invalid(format!("Invalid integer: {given}")).with_code("parameter_invalid_integer")
        }
        Problem::NotAllowed { allowed, .. } => {
            invalid(format!("Invalid {param}: must be {}", one_of(allowed)))
        }
        Problem::WrongType { expected, .. } => invalid(format!("Invalid {param}: must be {expected}")),
        Problem::Metadata { why } => invalid(format!("Invalid {param}: {why}")),
    };
    refused.with_param(param)
}

/// `a`, `one of a or b`, `one of a, b, or c`, as Stripe lists enum values.
fn one_of(values: &[&str]) -> String {
    match values {
        [one] => (*one).to_owned(),
        [a, b] => format!("one of {a} or {b}"),
        [head @ .., last] => format!("one of {}, or {last}", head.join(", ")),
        [] => "left out".to_owned(),
    }
}

/// 400 `parameters_exclusive`.
pub(crate) fn exclusive(first: &str, second: &str) -> Refusal {
    invalid(format!("You may only specify one of these parameters: {first}, {second}."))
        .with_code("parameters_exclusive")
        .with_param(second)
}
