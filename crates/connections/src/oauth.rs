//! The token endpoint, as both of Stripe's OAuth kinds speak it.
//!
//! Errors are flat: `{error, error_description}` (Stripe's API, OAuth A). What would
//! surprise: an answer of 200 that cannot be read counts as lost, because the code or
//! the refresh token in the request is used up by then.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, header};
use model::{AccountId, Mode};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    OAuthClient, Way,
    exchange::{Carrier, Exchange, Exchanged},
};

/// What a token endpoint granted.
pub(crate) struct Tokens {
    pub(crate) account: AccountId,
    /// Whether it reaches real money.
    pub(crate) livemode: bool,
    pub(crate) access: Zeroizing<String>,
    pub(crate) refresh: Option<Zeroizing<String>>,
    /// How long the access token lives, where the answer says so.
    pub(crate) expires_in: Option<Duration>,
    pub(crate) scope: Option<String>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The provider refused: its code and its words.
    Refused { error: String, description: String },
    /// Nothing left: the code or refresh token is as good as before.
    NeverSent(String),
    /// Whether the code or refresh token was used up is unknown.
    Unknown(String),
}

impl Denied {
    /// Whether the code or the refresh token itself was refused, for good.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Refused { error, .. } if error == "invalid_grant")
    }

    /// In words, without anything secret.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Refused { error, description } if description.is_empty() => error.clone(),
            Self::Refused { error, description } => format!("{error}: {description}"),
            Self::NeverSent(why) | Self::Unknown(why) => why.clone(),
        }
    }
}

/// What is given for tokens.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    Code(&'a str),
    Refresh(&'a str),
}

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
    scope: Option<String>,
    livemode: Option<bool>,
    stripe_user_id: Option<String>,
}

#[derive(Deserialize)]
struct Flat {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Longer words of a provider are cut.
const SAID_MAX: usize = 300;

/// One exchange at the token endpoint. A code or refresh token is used up by it.
pub(crate) async fn exchange(
    carrier: &dyn Carrier,
    client: &OAuthClient,
    way: Way,
    given: Given<'_>,
) -> Result<Tokens, Denied> {
    let (kind, name, value) = match given {
        Given::Code(code) => ("authorization_code", "code", code),
        Given::Refresh(token) => ("refresh_token", "refresh_token", token),
    };
    let form = form(&[("grant_type", kind), (name, value)]);
    let answer = carrier.exchange(post(client, way, client.token_url.clone(), form)).await;
    let (status, body) = match answer {
        Exchanged::Answered { status, body, .. } => (status, body),
        Exchanged::NeverSent(why) => return Err(Denied::NeverSent(why)),
        Exchanged::Broken(why) => return Err(Denied::Unknown(why)),
    };
    if status.is_success() {
        return tokens(&body).ok_or_else(|| Denied::Unknown("the answer has no tokens in it".to_owned()));
    }
    match serde_json::from_slice::<Flat>(&body) {
        Ok(flat) if status.is_client_error() && status.as_u16() != 429 => {
            Err(Denied::Refused { error: said(&flat.error), description: said(&flat.error_description) })
        }
        _ => Err(Denied::Unknown(format!("the provider answered {status}"))),
    }
}

/// A request of ours with the client's secret: a bearer for Connect, Basic for apps.
pub(crate) fn post(client: &OAuthClient, way: Way, url: Url, form: String) -> Exchange {
    let key = client.secret_key.as_str();
    let text = Zeroizing::new(match way {
        Way::App => format!("Basic {}", STANDARD.encode(format!("{key}:"))),
        _ => format!("Bearer {key}"),
    });
    // A key that no header can carry was refused when the settings were read.
    let authorization = HeaderValue::from_str(&text);
    let mut authorization = authorization.unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    authorization.set_sensitive(true);
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = vec![(header::AUTHORIZATION, authorization), (header::CONTENT_TYPE, form_type)];
    Exchange { method: Method::POST, url, headers, body: form.into() }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The mode that a grant reaches, given the one that was asked for: a sandbox's grants
/// are no more live than a test account's.
pub(crate) fn mode(tokens: &Tokens, asked: Mode) -> Mode {
    match (tokens.livemode, asked) {
        (true, _) => Mode::Live,
        (false, Mode::Local) => Mode::Local,
        (false, _) => Mode::Test,
    }
}

fn tokens(body: &[u8]) -> Option<Tokens> {
    let granted: Granted = serde_json::from_slice(body).ok()?;
    let account = granted.stripe_user_id.filter(|id| id.starts_with("acct_"))?;
    Some(Tokens {
        account: AccountId::new(account),
        livemode: granted.livemode?,
        access: Zeroizing::new(granted.access_token?),
        refresh: granted.refresh_token.map(Zeroizing::new),
        expires_in: granted.expires_in.map(Duration::from_secs),
        scope: granted.scope,
    })
}

/// A provider's words, cut and without what a terminal would obey.
pub(crate) fn said(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SAID_MAX).collect()
}
