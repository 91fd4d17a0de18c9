//! Webhook signatures: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]`.
//!
//! The HMAC key is the whole secret, `whsec_` included, over `<t>.<raw body>`.

use std::time::Duration;

use model::Timestamp;

/// An endpoint's signing secret. No `Debug` of its content, no `Serialize`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret as Stripe gave it, surrounding white space removed; blank text is refused.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The secret, for the HMAC and for the vault to seal.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Which of the given secrets verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretIndex(pub usize);

/// Why a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No `Stripe-Signature` header.
    #[error("the Stripe-Signature header is missing")]
    Missing,
    /// The header is not `t=…,v1=…`.
    #[error("the Stripe-Signature header is malformed: {0}")]
    Malformed(&'static str),
    /// No live secret gives any of the header's `v1` values.
    #[error(
        "no signing secret of this endpoint matches; the secret is another one, or the body was altered on its way"
    )]
    NoMatch,
    /// Signed too long ago.
    #[error("the signature is {seconds} s old, and at most {tolerance_s} s are accepted; check the clocks")]
    Stale {
        /// Its age in seconds.
        seconds: i64,
        /// The most that is accepted.
        tolerance_s: u64,
    },
}

/// How old a signature may be unless told otherwise.
pub const TOLERANCE: Duration = Duration::from_secs(300);

/// The header for a body sent at this time: one `v1` for each live secret.
pub fn sign(_secrets: &[Secret], _body: &[u8], _at: Timestamp) -> String {
    todo!()
}

/// Checks a header against every live secret and every `v1` value, in constant
/// time. Age is checked after a match, so a forged header learns nothing about
/// clocks; only the past is bounded, as Stripe's SDKs do.
///
/// # Errors
/// Says which of missing, malformed, no matching secret, stale by N seconds.
pub fn verify(
    _header: &[u8],
    _body: &[u8],
    _secrets: &[Secret],
    _now: Timestamp,
    _tolerance: Duration,
) -> Result<SecretIndex, SignatureError> {
    todo!()
}
