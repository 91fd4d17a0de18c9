//! Webhook signatures: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]`.
//!
//! The HMAC key is the whole secret, `whsec_` included, over `<t>.<raw body>`.

use std::time::Duration;

use aws_lc_rs::hmac;
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
    /// Signed too long ago, by whatever secret.
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

/// Most `v1` values that are looked at: Stripe sends one for each live secret, and
/// an endpoint has two at most.
const V1_MAX: usize = 16;
/// The longest header that is read.
const HEADER_MAX: usize = 8 * 1024;

/// The header for a body sent at this time: one `v1` for each live secret.
pub fn sign(secrets: &[Secret], body: &[u8], at: Timestamp) -> String {
    let sent = at.as_second().to_string();
    let mut header = format!("t={sent}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&hex::encode(tag(secret, &sent, body)));
    }
    header
}

fn tag(secret: &Secret, sent: &str, body: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.0.as_bytes()));
    context.update(sent.as_bytes());
    context.update(b".");
    context.update(body);
    context.sign()
}

/// Checks a header's age, then the header against every live secret and every `v1`
/// value, in constant time. What is stale costs no HMAC, whoever sent it; that tells no
/// more of our clock than the `Date` of every answer does. Only the past is bounded, as
/// Stripe's SDKs do. Repeating is safe.
///
/// # Errors
/// Says which of missing, malformed, no matching secret, stale by N seconds.
pub fn verify(
    header: &[u8],
    body: &[u8],
    secrets: &[Secret],
    now: Timestamp,
    tolerance: Duration,
) -> Result<SecretIndex, SignatureError> {
    let header = Header::parse(header)?;
    let seconds = now.as_second().saturating_sub(header.seconds);
    if u64::try_from(seconds).is_ok_and(|age| age > tolerance.as_secs()) {
        return Err(SignatureError::Stale { seconds, tolerance_s: tolerance.as_secs() });
    }
    let mut matched = None;
    for (index, secret) in secrets.iter().enumerate() {
        // One HMAC for each secret, however many values the header carries.
        let tag = tag(secret, header.sent, body);
        let same =
            |value: &Vec<u8>| aws_lc_rs::constant_time::verify_slices_are_equal(value, tag.as_ref()).is_ok();
        // Every value is compared, so that time does not tell which one matched.
        if header.v1.iter().filter(|value| same(value)).count() > 0 && matched.is_none() {
            matched = Some(SecretIndex(index));
        }
    }
    matched.ok_or(SignatureError::NoMatch)
}

/// The parts of a header that decide. Other schemes (`v0`) are skipped.
struct Header<'a> {
    /// The time as it was written, which is what was signed.
    sent: &'a str,
    seconds: i64,
    v1: Vec<Vec<u8>>,
}

impl<'a> Header<'a> {
    fn parse(header: &'a [u8]) -> Result<Self, SignatureError> {
        let malformed = SignatureError::Malformed;
        if header.trim_ascii().is_empty() {
            return Err(SignatureError::Missing);
        }
        if header.len() > HEADER_MAX {
            return Err(malformed("it is longer than 8 KB"));
        }
        let text = std::str::from_utf8(header).map_err(|_| malformed("it is not text"))?;
        let (mut sent, mut v1) = (None, Vec::new());
        for part in text.split(',') {
            match part.trim().split_once('=') {
                Some(("t", _)) if sent.is_some() => return Err(malformed("it has two times")),
                Some(("t", time)) => sent = Some(time),
                Some(("v1", _)) if v1.len() == V1_MAX => return Err(malformed("it has too many signatures")),
                // What is not hexadecimal cannot match; it does not spoil the others.
                Some(("v1", value)) => v1.push(hex::decode(value).unwrap_or_default()),
                _ => {}
            }
        }
        let sent = sent.ok_or(malformed("it has no time"))?;
        let all_digits = !sent.is_empty() && sent.bytes().all(|b| b.is_ascii_digit());
        let seconds = sent.parse().ok().filter(|_| all_digits).ok_or(malformed("its time is no number"))?;
        if v1.is_empty() {
            return Err(malformed("it has no v1 signature"));
        }
        Ok(Self { sent, seconds, v1 })
    }
}

#[cfg(test)]
mod tests;
