//! OAuth in Rust tests, without a browser.

use std::sync::Arc;

use model::AccountId;
use serde_json::Value;

use super::{
    Exchange, Kind,
    consent::{self, Who},
    flat::Flat,
    revoke::revoke_all,
};
use crate::{Sandbox, core::Shared, wire};

/// The sandbox's OAuth clients and the accounts that are connected to it.
#[derive(Clone)]
pub struct OAuth {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for OAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OAuth({}, {})", self.client_id(Kind::Connect), self.client_id(Kind::App))
    }
}

impl Sandbox {
    /// Its OAuth clients, and the accounts connected through them.
    pub fn oauth(&self) -> OAuth {
        OAuth { shared: Arc::clone(&self.inner.shared) }
    }
}

impl OAuth {
    /// `ca_…`, made from the seed.
    pub fn client_id(&self, kind: Kind) -> String {
        self.shared.core().state.oauth.client_id(kind).to_owned()
    }

    /// What authenticates the clients: the sandbox's secret key as it is now.
    pub fn secret(&self) -> String {
        self.shared.core().state.secret_key.clone()
    }

    /// Opens an account of this name that can be connected; nobody consented yet. The
    /// n-th account of a seed is always the same one.
    ///
    /// # Panics
    /// When the sandbox has been shut down or has too many accounts: mistakes of a test.
    pub async fn open_account(&self, name: &str) -> AccountId {
        match consent::open(&self.shared, name).await {
            Ok(account) => AccountId::new(account),
            Err(why) => panic!("the sandbox opens no account: {}", why.description),
        }
    }

    /// Consents for an account as its owner would on the page: `read_write` for Connect,
    /// everything for an app. Returns the code, for one use within five minutes of the
    /// sandbox's clock.
    ///
    /// # Panics
    /// When there is no such account, or the sandbox has been shut down.
    pub async fn authorize(&self, kind: Kind, account: &AccountId) -> String {
        let scope = if kind == Kind::App { "stripe_apps" } else { "read_write" };
        let who = Who::Known(account.as_str().to_owned());
        match consent::consent(&self.shared, kind, scope, who).await {
            Ok(grant) => grant.code,
            Err(Flat { description, .. }) => panic!("the sandbox has no consent for this: {description}"),
        }
    }

    /// Takes every consent of an account back, as its owner would: tokens and codes stop
    /// working, and the account's event says so. `false`: there was none.
    pub async fn revoke(&self, account: &AccountId) -> bool {
        revoke_all(&self.shared, account.as_str()).await.is_ok_and(|kinds| !kinds.is_empty())
    }

    /// What was asked of the token endpoints, in order; at most the last 10,000. Survives
    /// restarts.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.shared.core().state.oauth.exchanges().cloned().collect()
    }

    /// The owner's own secret key of a connected account.
    pub fn secret_key_of(&self, account: &AccountId) -> Option<String> {
        let core = self.shared.core();
        core.state.accounts().find(|one| one.account == account.as_str()).map(|one| one.secret_key.clone())
    }

    /// Every live object of a connected account whose `object` field is this, oldest
    /// first, in the default version.
    pub fn objects(&self, account: &AccountId, kind: &str) -> Vec<Value> {
        let core = self.shared.core();
        if !core.state.is_connected(account.as_str()) {
            return Vec::new();
        }
        let tx = self.shared.reading_of(&core, Some(account.as_str()));
        tx.state().of_kind(kind).map(|object| wire::shown(&tx, object)).collect()
    }
}
