//! The HTTP transport: one reqwest client, one attempt.

use std::{sync::Arc, time::Duration};

use crate::{Attempt, BoxFuture, Credential, Request, Transport};

/// How to reach a Stripe.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// `https://api.stripe.com`, or the sandbox's address; no trailing slash.
    pub base: String,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for a whole answer; when it passes the outcome is unknown.
    pub timeout: Duration,
}

impl HttpOptions {
    /// A base address with the default timeouts: 10 s to connect, 80 s in all.
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into(), connect_timeout: Duration::from_secs(10), timeout: Duration::from_secs(80) }
    }
}

/// Stripe over HTTP. Clone it: clones share their connections.
#[derive(Clone)]
pub struct HttpClient {
    _client: Arc<reqwest::Client>,
}

impl HttpClient {
    /// Builds a client. `bursar` installs the cryptography provider before.
    ///
    /// # Errors
    /// When the base address is no URL or the TLS library refuses.
    pub fn new(_options: HttpOptions) -> Result<Self, String> {
        todo!()
    }
}

impl Transport for HttpClient {
    fn attempt<'a>(&'a self, _request: &'a Request, _credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        todo!()
    }
}
