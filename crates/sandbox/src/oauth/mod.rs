//! Stripe's two OAuth kinds, and the accounts that are connected through them.
//!
//! Connect (Stripe's API, OAuth A) lets the sandbox's own account act for others, with
//! its own key and `Stripe-Account`. Apps (OAuth B) hand out tokens of an hour with
//! refresh tokens that roll. Both have the same page on which somebody consents, and
//! errors that are flat. The pages stand apart from the API: they need no key, no
//! fault meets them, and they are not in the journal.

mod ledger;

use serde::{Deserialize, Serialize};

use crate::keys::Permissions;

pub(crate) use ledger::{Change, Grant, Ledger, Status, Token};

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
