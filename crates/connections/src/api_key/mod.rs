//! A secret or restricted key of an account, given to us.
//!
//! A key is taken only after Stripe has said whose it is. What would surprise: mode
//! `local` has to be asked for, because a sandbox's keys look like test keys.

pub(crate) mod check;
mod prove;

pub(crate) use prove::{account as account_of, lets_in, reaches};

use model::{Code, CompanyId, Failure, Mode};
use store::Connection;
use stripe::{Credential, Version};
use zeroize::Zeroizing;

use crate::{Connections, NewConnection, connections::name};

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
    /// account; `connection_unreachable`; `conflict` for a name that is taken.
    pub async fn add_key(&self, company: CompanyId, add: AddKey) -> Result<Connection, Failure> {
        let AddKey { name: given, key, mode, base_url, is_default, version } = add;
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
        let account = account_of(self, &key, mode, &base_url).await?;
        let first = self.list(company).await?.is_empty();
        let credential = Credential::new(account.clone(), mode, key.as_str());
        let is_default = is_default || first;
        let new = NewConnection { name, account, mode, base_url, is_default, credential };
        self.put_under(company, new, version).await
    }
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
