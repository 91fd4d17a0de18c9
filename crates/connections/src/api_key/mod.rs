//! A secret or restricted key of an account, given to us.
//!
//! A key is taken only after Stripe has said whose it is. What would surprise: mode
//! `local` has to be asked for, because a sandbox's keys look like test keys. And a
//! company does not choose the address: whatever answers there says whose the key is, and
//! an account's events go to whoever has a key of it.

pub(crate) mod check;
mod prove;

pub(crate) use prove::{account as account_of, lets_in};

use model::{Code, CompanyId, Failure, Mode};
use store::Connection;
use stripe::{Credential, Version};
use zeroize::Zeroizing;

use crate::{Connections, NewConnection, Way, connections::name};

/// Where Stripe's API is.
const STRIPE: &str = "https://api.stripe.com";

/// A key to connect by. Cannot be printed.
pub struct AddKey {
    /// What people and documents call the connection; unique per company.
    pub name: String,
    /// `sk_…` or `rk_…`.
    pub key: Zeroizing<String>,
    /// The mode that the caller expects; told by the key unless it is `local`.
    pub mode: Option<Mode>,
    /// Where the API is; Stripe's own address unless it is a sandbox's.
    pub base_url: Option<String>,
    /// Whether whoever asks runs the installation, and so may name any address that the
    /// mode allows; others only the mode's own.
    pub anywhere: bool,
    /// Whether it is taken when nobody names one. The first one always is.
    pub is_default: bool,
    /// The version that its calls speak unless they name one; a known connection keeps
    /// its own without it, and a new one speaks the pinned one.
    pub version: Option<Version>,
}

impl Connections {
    /// Asks Stripe whose key this is, and makes the connection, or gives one of that
    /// name and account its new key. Safe to repeat. Changes nothing at Stripe.
    ///
    /// # Errors
    /// `validation_error` for a key that is publishable, malformed, of another mode, or
    /// unknown to Stripe; `permission_error` for a restricted key that may not read its
    /// account; `forbidden` for an address that only the installation may name;
    /// `connection_unreachable`; `conflict` for a name that is taken.
    pub async fn add_key(&self, company: CompanyId, add: AddKey) -> Result<Connection, Failure> {
        let AddKey { name: given, key, mode, base_url, anywhere, is_default, version } = add;
        let name = name(&given)?;
        let key = Zeroizing::new(key.trim().to_owned());
        let mode = mode.unwrap_or_else(|| told(&key));
        check::key(mode, &key)?;
        let base_url = match base_url {
            Some(base_url) => base_url,
            None if mode == Mode::Local => return Err(where_is_the_sandbox()),
            None => STRIPE.to_owned(),
        };
        check::address(mode, &base_url)?;
        if !anywhere {
            check::own_address(mode, &base_url, self.own_address(mode).as_deref())?;
        }
        let account = account_of(self, &key, mode, &base_url).await?;
        let first = self.list(company).await?.is_empty();
        let credential = Credential::new(account.clone(), mode, key.as_str());
        let is_default = is_default || first;
        let new = NewConnection { name, account, mode, base_url, is_default, credential };
        self.put_under(company, new, version).await
    }

    /// Where a mode's API is: at Stripe, and in mode `local` the installation's own
    /// sandbox, if it has one.
    fn own_address(&self, mode: Mode) -> Option<String> {
        if mode != Mode::Local {
            return Some(STRIPE.to_owned());
        }
        let settings = self.providers();
        let sandbox = settings.connect.get(&mode).or_else(|| settings.app.get(&mode));
        sandbox.map(|client| client.base_url.clone())
    }
}

/// Whether it is known whose account a connection reaches. An API key's is what its address
/// has answered, which proves nothing in modes `live` and `test` unless that is Stripe's.
pub fn is_proven(kind: &str, mode: Mode, base_url: &str) -> bool {
    kind != Way::ApiKey.as_str() || mode == Mode::Local || base_url == STRIPE
}

/// The mode that a key's prefix tells; [`check::key`] refuses what has none.
fn told(key: &str) -> Mode {
    if key.contains("_live_") { Mode::Live } else { Mode::Test }
}

fn where_is_the_sandbox() -> Failure {
    let text = "mode local needs the sandbox's address, such as http://127.0.0.1:12111. Nothing was stored and \
                nothing was sent.";
    Failure::new(Code::ValidationError, text).at("baseUrl")
}
