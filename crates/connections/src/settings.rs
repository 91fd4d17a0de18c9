//! What the installation brings for each way: app credentials and addresses.
//!
//! One set per mode. Mode `local` gets the sandbox's own, so that every way can be
//! tried without an account anywhere. Nothing here can be printed that is secret.

use std::collections::HashMap;

use model::Mode;
use url::Url;
use zeroize::Zeroizing;

use crate::authorize::callback;

/// The installation's side of every way.
#[derive(Clone, Default)]
pub struct ProviderSettings {
    /// Where others reach this server; the callback stands below it.
    pub public_url: Option<Url>,
    /// Hosts other than this server's own to which people may be sent afterwards.
    pub return_hosts: Vec<String>,
    /// Stripe Connect platforms, by mode.
    pub connect: HashMap<Mode, OAuthClient>,
    /// Stripe Apps, by mode.
    pub app: HashMap<Mode, OAuthClient>,
    /// Nango, by mode: its environments are separate.
    pub nango: HashMap<Mode, NangoClient>,
}

impl ProviderSettings {
    /// Where Stripe sends people back to; what is registered there.
    pub fn callback_url(&self) -> Option<Url> {
        self.public_url.as_ref().map(callback)
    }
}

/// An OAuth client of ours at Stripe.
#[derive(Clone)]
pub struct OAuthClient {
    /// `ca_…`.
    pub client_id: String,
    /// The platform's or the app developer's secret key, which is the client secret.
    pub secret_key: Zeroizing<String>,
    /// Where people are sent to consent, `https://connect.stripe.com/oauth/authorize`.
    pub authorize_url: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_url: Url,
    /// Where an authorization is given up; Stripe Apps have none.
    pub deauthorize_url: Option<Url>,
    /// Where the account's API is.
    pub base_url: String,
}

/// Our access to a Nango environment.
#[derive(Clone)]
pub struct NangoClient {
    /// `https://api.nango.dev`, or a server of one's own.
    pub base_url: Url,
    /// The environment's key.
    pub key: Zeroizing<String>,
    /// The webhook signing keys that are accepted, the present one first.
    pub webhook_keys: Vec<Zeroizing<String>>,
    /// The integration that connections are made under unless one is named.
    pub integration: String,
    /// Where the account's API is.
    pub stripe_url: String,
}
