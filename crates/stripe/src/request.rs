//! One request to Stripe, one attempt, one answer.

mod stored;

use std::{fmt, future::Future, pin::Pin, time::Duration};

use bytes::Bytes;
use model::{AccountId, IdempotencyKey, Mode};
use serde_json::Value;

use crate::{Version, tables::Operation};

/// A boxed future, so that a transport can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The three verbs that Stripe uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "HTTP's own words")]
pub enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    /// As on the wire, upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// The verb of this upper-case name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Delete].into_iter().find(|m| m.as_str() == text)
    }
}

/// What repeating does. A POST without a key cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing; repeat at will.
    Read,
    /// Changes something, once per key.
    Write(IdempotencyKey),
    /// Removes something. Stripe ignores keys on DELETE, so after an unknown
    /// outcome the object is read first.
    Delete,
}

/// A request, complete but for the credential: these bytes are what an intent
/// keeps and what a resend sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Which operation of the tables this is.
    pub operation: &'static Operation,
    /// `/v1/customers/cus_1`, every segment percent-encoded, no query.
    pub path: String,
    /// Parameters in form encoding: the body of a POST, the query of a GET or DELETE.
    pub form: Bytes,
    /// Sent as `Stripe-Version`.
    pub version: Version,
    /// The connected account to act as, sent as `Stripe-Account`.
    pub account: Option<AccountId>,
    /// What repeating does; holds the idempotency key of a write.
    pub kind: Kind,
}

impl Request {
    /// The exact request as bytes, for the vault to seal. Everything that leaves is
    /// in it but the credential.
    pub fn to_stored(&self) -> Vec<u8> {
        stored::write(self)
    }

    /// Reads what [`Request::to_stored`] wrote.
    ///
    /// # Errors
    /// When the bytes are not such a record, name an operation that the tables no
    /// longer have, or contradict themselves (a path of another operation, a write
    /// without a key); the text says which.
    pub fn from_stored(bytes: &[u8]) -> Result<Self, String> {
        stored::read(bytes)
    }
}

/// What authenticates a request, and what it can reach. Cannot be printed.
#[derive(Clone)]
pub struct Credential {
    /// The account that the secret belongs to.
    pub account: AccountId,
    /// The mode that the secret belongs to.
    pub mode: Mode,
    /// The connected account that a platform's secret acts for, and no other.
    pub acting_for: Option<AccountId>,
    secret: secret::Hidden,
}

mod secret {
    /// Text without `Debug`, `Display` or `Serialize`.
    #[derive(Clone)]
    pub(super) struct Hidden(pub(super) String);
}

impl Credential {
    /// A credential for an account in a mode.
    pub fn new(account: AccountId, mode: Mode, secret: impl Into<String>) -> Self {
        Self { account, mode, acting_for: None, secret: secret::Hidden(secret.into()) }
    }

    /// A platform's secret, for this connected account only.
    #[must_use]
    pub fn acting_for(mut self, account: AccountId) -> Self {
        self.acting_for = Some(account);
        self
    }

    /// What goes out as `Stripe-Account`.
    ///
    /// # Errors
    /// When the request names another account than the one that this secret may act
    /// for: a platform's secret reaches every account of the platform.
    pub fn account_header<'a>(&'a self, request: &'a Request) -> Result<Option<&'a AccountId>, String> {
        match (&self.acting_for, &request.account) {
            (Some(own), Some(other)) if own != other => {
                Err(format!("the connection is of account {own}, and may not act as {other}"))
            }
            (own, asked) => Ok(own.as_ref().or(asked.as_ref())),
        }
    }

    /// The secret, for the `Authorization` header and nowhere else.
    pub fn expose(&self) -> &str {
        &self.secret.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, {}, …)", self.account, self.mode)
    }
}

/// The answer's headers that decide anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// `Request-Id`.
    pub request_id: Option<String>,
    /// `Original-Request`: the first request's id, on a replay.
    pub original_request: Option<String>,
    /// `Idempotent-Replayed: true`.
    pub replayed: bool,
    /// `Stripe-Should-Retry`; overrides every rule of ours.
    pub should_retry: Option<bool>,
    /// `Retry-After`; undocumented, obeyed when present.
    pub retry_after: Option<Duration>,
    /// `Stripe-Rate-Limited-Reason`.
    pub rate_limited_reason: Option<String>,
    /// `Stripe-Version`: the version Stripe used.
    pub version: Option<String>,
}

/// The longest `Retry-After` that is obeyed: Stripe forgets a key after a day.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);

impl Headers {
    /// What an answer's headers say. A value that cannot be read counts as absent.
    pub fn read(map: &http::HeaderMap) -> Self {
        let text = |name: &str| Some(map.get(name)?.to_str().ok()?.trim().to_owned());
        let seconds = |text: String| text.parse().ok().map(Duration::from_secs);
        Self {
            request_id: text("request-id"),
            original_request: text("original-request"),
            replayed: text("idempotent-replayed").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            should_retry: text("stripe-should-retry").and_then(|value| value.parse().ok()),
            retry_after: text("retry-after").and_then(seconds).map(|wait| wait.min(RETRY_AFTER_MAX)),
            rate_limited_reason: text("stripe-rate-limited-reason"),
            version: text("stripe-version"),
        }
    }
}

/// A whole answer: a status, the headers that matter, and a JSON body.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter.
    pub headers: Headers,
    /// The body, untouched.
    pub body: Value,
}

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// A whole answer with a JSON body came.
    Answered(Answer),
    /// No connection was made: nothing left.
    NeverSent(String),
    /// Anything that broke later; Stripe may have executed it.
    Broken(String),
}

/// Something that carries requests to a Stripe. Makes exactly one attempt: no
/// retry, no redirect, no fallback.
pub trait Transport: Send + Sync {
    /// Sends the request once under this credential.
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt>;
}
