//! Stripe Connect: the platform's key, acting for a connected account.
//!
//! What would surprise: nothing secret is kept per connection. The platform's key is
//! in the settings and goes out with `Stripe-Account`, as Stripe prefers (Stripe's
//! API, OAuth A); a rolled platform key needs no new consent.

pub(crate) mod deauthorize;

use model::{AccountId, Failure, Mode};
use stripe::Credential;

use crate::{
    failures,
    grant::Grant,
    kept::Secrets,
    oauth::{self, Tokens},
    settings::ProviderSettings,
};

/// The platform's key for this account.
///
/// # Errors
/// `connection_required` when the settings have no platform for this mode.
pub(crate) fn credential(
    settings: &ProviderSettings,
    account: AccountId,
    mode: Mode,
) -> Result<Credential, Failure> {
    let platform = settings.connect.get(&mode).ok_or_else(|| failures::not_set_up("connect", mode))?;
    Ok(Credential::new(account.clone(), mode, platform.secret_key.as_str()).acting_for(account))
}

/// What a first exchange grants. Its access token is not kept: the platform's key does
/// all that it could do.
pub(crate) fn grant(tokens: Tokens, asked: Mode) -> Grant {
    Grant {
        mode: oauth::mode(&tokens, asked),
        account: tokens.account,
        secrets: Secrets::Connect,
        expires_at: None,
        scopes: tokens.scope.into_iter().collect(),
        details: serde_json::json!({}),
    }
}
