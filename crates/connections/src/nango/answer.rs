//! What Nango answers, read tolerantly, and what each refusal means.
//!
//! The status of one refusal differs by route, so codes decide. A refresh that has to
//! wait and one that is given up have one code; only their words differ.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use model::{Code, Failure, Retry, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::oauth::said;

/// A connection as Nango shows it, with what we look at.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) connection_id: String,
    pub(super) provider_config_key: String,
    #[serde(default)]
    pub(super) tags: Value,
    #[serde(default)]
    pub(super) connection_config: Value,
    #[serde(default)]
    pub(super) credentials: Value,
}

/// What a connection's credentials are.
pub(super) struct Credentials {
    pub(super) secret: Zeroizing<String>,
    /// Whether Nango can renew it: only then it is ever asked to.
    pub(super) oauth: bool,
    pub(super) expires_at: Option<Timestamp>,
    /// The account that they say they are of.
    pub(super) account: Option<String>,
    pub(super) livemode: Option<bool>,
    pub(super) scope: Option<String>,
}

impl Shown {
    /// Its tag of this name.
    pub(super) fn tag(&self, name: &str) -> Option<&str> {
        self.tags[name].as_str()
    }

    /// The credentials, where there are some that work for Stripe.
    ///
    /// # Errors
    /// [`Trouble::NoSecrets`] when the key may not read them, [`Trouble::Odd`] for a
    /// type that no Stripe provider has.
    pub(super) fn credentials(&self) -> Result<Credentials, Trouble> {
        let given = &self.credentials;
        if given.as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(Trouble::NoSecrets);
        }
        let text = |name: &str| given[name].as_str().filter(|text| !text.is_empty());
        let (secret, oauth) = match text("type") {
            Some("OAUTH2") => (text("access_token"), true),
            Some("BASIC") => (text("username"), false),
            Some("API_KEY") => (text("apiKey"), false),
            other => return Err(Trouble::Odd(format!("credentials of the type {other:?}"))),
        };
        let secret = secret.ok_or_else(|| Trouble::Odd("credentials without a secret".to_owned()))?;
        let raw = &given["raw"];
        let account = self.connection_config["stripe_user_id"].as_str().or(raw["stripe_user_id"].as_str());
        Ok(Credentials {
            secret: Zeroizing::new(secret.to_owned()),
            oauth,
            expires_at: text("expires_at").and_then(|at| at.parse().ok()),
            account: account.map(str::to_owned),
            livemode: raw["livemode"].as_bool(),
            scope: raw["scope"].as_str().map(str::to_owned),
        })
    }
}

/// Why Nango gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Our key is wrong. Never to be taken for a refusal of Stripe's.
    Key,
    /// Our key lacks a scope.
    Scope(String),
    /// Our key may read connections but not their credentials.
    NoSecrets,
    /// There is no such integration.
    Integration,
    /// There is no such connection.
    Gone,
    /// Its refresh failed just now: not before 30 s.
    Resting,
    /// Its refresh has failed for days: only a person helps.
    Exhausted,
    /// Too many requests.
    Slower(Duration),
    /// It could not be reached, or failed itself.
    Down(String),
    /// It answered what nobody expects.
    Odd(String),
}

/// Nango's pause after a failed refresh.
pub(super) const COOL_DOWN: Duration = Duration::from_secs(30);

impl Trouble {
    /// Reads a refusal.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let error = &body["error"];
        let (code, message) =
            (error["code"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default());
        match (status.as_u16(), code) {
            (401, _) => Self::Key,
            (403, _) => Self::Scope(said(message)),
            (429, _) => {
                let after =
                    headers.get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
                Self::Slower(Duration::from_secs(after.unwrap_or(60)))
            }
            (_, "unknown_provider_config") => Self::Integration,
            (_, "not_found" | "unknown_connection") => Self::Gone,
            (424, "invalid_credentials") if message.contains("refresh limit has been reached") => {
                Self::Exhausted
            }
            (424 | 400, "invalid_credentials") => Self::Resting,
            (500.., _) => Self::Down(format!("it answered {status}")),
            _ => Self::Odd(format!("it answered {status} {}: {}", said(code), said(message))),
        }
    }

    /// As every surface shows it. Nothing was sent to Stripe in any of these.
    pub(crate) fn to_failure(&self, name: &str) -> Failure {
        let (code, what, retry) = match self {
            Self::Key => (
                Code::ConnectionUnreachable,
                "Nango does not accept this server's key. Whoever runs it checks `providers.nango`".to_owned(),
                Retry::SameKey,
            ),
            Self::Scope(said) => (
                Code::ConnectionUnreachable,
                format!("this server's Nango key lacks a scope ({said}). Whoever runs it grants it in Nango"),
                Retry::SameKey,
            ),
            Self::NoSecrets => (
                Code::ConnectionUnreachable,
                "this server's Nango key may read connections and not their credentials. Grant it the scope \
                 `environment:connections:read_credentials` in Nango"
                    .to_owned(),
                Retry::SameKey,
            ),
            Self::Integration => (
                Code::ConnectionRequired,
                "Nango has no integration of that name. Make it there, or name another one".to_owned(),
                Retry::Never,
            ),
            Self::Gone => (
                Code::ConnectionRequired,
                "Nango does not have this connection any more. Authorize it again; its id here stays".to_owned(),
                Retry::SameKey,
            ),
            Self::Exhausted => (
                Code::ConnectionExpired,
                "Nango has given up renewing it after days of failures. Authorize it again; its id here stays".to_owned(),
                Retry::SameKey,
            ),
            Self::Resting => (
                Code::ConnectionUnreachable,
                "Nango could not renew its token just now and rests for 30 s. It is safe to try again then".to_owned(),
                Retry::After { after_ms: 30_000 },
            ),
            Self::Slower(after) => (
                Code::ConnectionUnreachable,
                "Nango asks this server to slow down. It is safe to try again".to_owned(),
                Retry::After { after_ms: u64::try_from(after.as_millis()).unwrap_or(60_000) },
            ),
            Self::Down(why) | Self::Odd(why) => (
                Code::ConnectionUnreachable,
                format!("Nango gave no credential ({why}). It is safe to try again"),
                Retry::SameKey,
            ),
        };
        let text = format!("the connection `{name}` cannot be used: {what}. Nothing was sent to Stripe.");
        Failure::new(code, text).retry(retry)
    }
}
