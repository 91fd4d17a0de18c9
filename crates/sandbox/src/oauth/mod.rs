//! Stripe's two OAuth kinds, and the accounts that are connected through them.
//!
//! Connect (Stripe's API, OAuth A) lets the sandbox's own account act for others, with
//! its own key and `Stripe-Account`. Apps (OAuth B) hand out tokens of an hour with
//! refresh tokens that roll. Both have the same page on which somebody consents, and
//! errors that are flat. What would surprise: the pages need no key, no fault meets
//! them, and they are not in the journal; the token endpoints are like the API.

mod asked;
mod consent;
mod deauthorize;
mod endpoint;
mod flat;
mod handle;
mod ledger;
mod page;
mod revoke;
mod token;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    core::Shared,
    keys::Permissions,
    wire::{Incoming, Outgoing},
};

pub(crate) use consent::{Who, consent, open};
pub use handle::OAuth;
pub(crate) use ledger::{Change, Grant, Ledger, Status, Token};
pub(crate) use revoke::revoke_all;
use revoke::{application, revoke};

/// What access tokens begin with, so that one which is forgotten is not taken for a key.
pub(crate) const TOKEN_PREFIX: &str = "sk_test_oauth_";

/// Which OAuth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Stripe Connect.
    Connect,
    /// Stripe Apps.
    App,
}

/// How the clients are set up.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where people may be sent back to, exactly. None: this machine, and any https.
    pub(crate) redirect_uris: Vec<String>,
    /// What the app's manifest asks for. None: everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app_permissions: Option<Permissions>,
}

/// One request to a token endpoint, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Which OAuth.
    pub kind: Kind,
    /// `authorization_code`, `refresh_token`, or what was sent instead.
    pub grant_type: String,
    /// The connected account, once that is known.
    pub account: Option<String>,
    /// `granted`, or the error: `invalid_grant`.
    pub outcome: String,
    /// Milliseconds since 1970 on the sandbox's clock.
    pub at_ms: i64,
}

/// Answers a request that is OAuth's; none for any other.
pub(crate) async fn handle(shared: &Arc<Shared>, incoming: &Incoming) -> Option<Outgoing> {
    let (method, path) = (incoming.method.as_str(), incoming.path.as_str());
    if let Some(kind) = page_of(path) {
        let reply = match method {
            "GET" => page::show(shared, kind, incoming),
            "POST" => consent::decide(shared, kind, incoming).await,
            _ => return None,
        };
        return Some(Outgoing::Answer(reply));
    }
    match (method, path) {
        ("POST", "/oauth/token") => Some(endpoint::token(shared, incoming, Kind::Connect).await),
        ("POST", "/v1/oauth/token") => Some(endpoint::token(shared, incoming, Kind::App).await),
        ("POST", "/oauth/deauthorize") => Some(endpoint::deauthorize(shared, incoming).await),
        _ => None,
    }
}

/// Whose consent page this is. An app that is not published has a path of its channel.
fn page_of(path: &str) -> Option<Kind> {
    match path {
        "/oauth/authorize" | "/express/oauth/authorize" => Some(Kind::Connect),
        "/oauth/v2/authorize" => Some(Kind::App),
        _ => {
            let channel = path.strip_prefix("/oauth/v2/")?.strip_suffix("/authorize")?;
            (!channel.is_empty() && !channel.contains('/')).then_some(Kind::App)
        }
    }
}
