//! What Nango answers, read tolerantly, and what each refusal means.
//!
//! The status of one refusal differs by route, so codes decide. A refresh that has to
//! wait and one that is given up have one code; only their words differ.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use model::{Failure, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::oauth::said;

/// A connection as Nango shows it, with what we look at.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) connection_id: String,
    pub(super) provider_config_key: String,
    /// `stripe-app` and the like; what an integration's name says nothing about.
    #[serde(default)]
    pub(super) provider: String,
    /// When it was made, as lists have it.
    #[serde(default)]
    pub(super) created: Option<Timestamp>,
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
    /// Whether that is Stripe's own word, from its answer to Nango.
    pub(super) vouched: bool,
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
    /// type that no Stripe provider has, or for another provider altogether: what it
    /// has must not go to Stripe.
    pub(super) fn credentials(&self) -> Result<Credentials, Trouble> {
        let given = &self.credentials;
        if !self.provider.contains("stripe") {
            return Err(Trouble::NotStripe(said(&self.provider)));
        }
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
        let (raw, config) = (&given["raw"], &self.connection_config);
        let word = raw["stripe_user_id"].as_str();
        let account = word.or(config["stripe_user_id"].as_str()).or(config["context"].as_str());
        Ok(Credentials {
            secret: Zeroizing::new(secret.to_owned()),
            oauth,
            expires_at: text("expires_at").and_then(|at| at.parse().ok()),
            account: account.map(str::to_owned),
            vouched: word.is_some(),
            livemode: raw["livemode"].as_bool(),
            scope: raw["scope"].as_str().map(str::to_owned),
        })
    }
}

/// Why Nango gave nothing.
#[derive(Debug, Clone)]
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
    /// Its token has ended, and there is nothing to renew it with.
    RunOut,
    /// The integration is of another provider.
    NotStripe(String),
    /// Stripe does not take what it gave.
    Unproven(String),
    /// The trouble is ours, and has its words already.
    Ours(Box<Failure>),
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
            (400, "invalid_body") if error["errors"][0]["path"][0] == "allowed_integrations" => {
                Self::Integration
            }
            (400, "invalid_body") if message.contains("IntegrationId") => Self::Gone,
            (_, "not_found" | "unknown_connection") => Self::Gone,
            (424, "invalid_credentials") if message.contains("refresh limit has been reached") => {
                Self::Exhausted
            }
            (424 | 400, "invalid_credentials") => Self::Resting,
            (500.., _) => Self::Down(format!("it answered {status}")),
            _ => Self::Odd(format!("it answered {status} {}: {}", said(code), said(message))),
        }
    }

    /// Whether only a person helps.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Gone | Self::Exhausted | Self::RunOut)
    }

    /// How long it says not to ask again.
    pub(super) fn pause(&self) -> Option<Duration> {
        match self {
            Self::Slower(after) => Some(*after),
            Self::Resting => Some(COOL_DOWN),
            _ => None,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Ours(Box::new(failure))
    }
}
