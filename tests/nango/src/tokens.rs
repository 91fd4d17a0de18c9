//! The token endpoint behind an integration: scripted, or a real one.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, redirect};
use serde_json::{Value, json};
use url::Url;

use crate::BoxFuture;

/// What a token is asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// A code that somebody's consent gave.
    Code {
        /// `ac_…`.
        code: String,
        /// Where the person came back to.
        redirect_uri: String,
        /// PKCE's; Stripe Apps have none.
        verifier: Option<String>,
    },
    /// A refresh token.
    Refresh(String),
}

/// One request to a token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The integration's provider.
    pub provider: String,
    /// The integration's OAuth client.
    pub client_id: String,
    /// With what.
    pub grant: Grant,
}

/// A token endpoint. Gives the provider's answer, or nothing when it refuses.
pub trait Tokens: Send + Sync {
    /// Exchanges once.
    fn exchange(&self, asked: Asked) -> BoxFuture<'_, Option<Value>>;
}

/// A token endpoint in memory: rolls refresh tokens, and refuses on demand.
#[derive(Default)]
pub struct Scripted {
    inner: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    codes: HashMap<String, (String, bool)>,
    refresh: HashMap<String, (String, bool)>,
    refusing: bool,
    made: u64,
    asked: Vec<Asked>,
}

impl Scripted {
    fn inner(&self) -> MutexGuard<'_, Script> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A code of somebody who consented for this account.
    pub fn code(&self, account: &str, livemode: bool) -> String {
        let mut inner = self.inner();
        let code = format!("ac_fake_{}", inner.codes.len());
        inner.codes.insert(code.clone(), (account.to_owned(), livemode));
        code
    }

    /// Lets it take a refresh token that was imported.
    pub fn know(&self, refresh: &str, account: &str, livemode: bool) {
        self.inner().refresh.insert(refresh.to_owned(), (account.to_owned(), livemode));
    }

    /// Whether it refuses everything from now on.
    pub fn refuse(&self, refusing: bool) {
        self.inner().refusing = refusing;
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inner().asked.clone()
    }

    fn answer(&self, asked: Asked) -> Option<Value> {
        let mut inner = self.inner();
        inner.asked.push(asked.clone());
        if inner.refusing {
            return None;
        }
        let (account, livemode) = match &asked.grant {
            Grant::Code { code, .. } => inner.codes.remove(code)?,
            Grant::Refresh(token) => inner.refresh.remove(token)?,
        };
        inner.made += 1;
        let (access, refresh) = (format!("sk_acct_fake_{}", inner.made), format!("rt_fake_{}", inner.made));
        inner.refresh.insert(refresh.clone(), (account.clone(), livemode));
        Some(json!({
            "access_token": access,
            "livemode": livemode,
            "refresh_token": refresh,
            "scope": "read_write",
            "stripe_publishable_key": "pk_test_fake",
            "stripe_user_id": account,
            "token_type": "bearer",
        }))
    }
}

impl Tokens for Scripted {
    fn exchange(&self, asked: Asked) -> BoxFuture<'_, Option<Value>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.answer(asked)
        })
    }
}

/// Token endpoints over HTTP: a sandbox's, or Stripe's own.
pub struct HttpTokens {
    client: Client,
    /// `…/oauth/token`, of Connect.
    connect: Url,
    /// `…/v1/oauth/token`, of Stripe Apps.
    app: Url,
    /// The platform's secret key, which is the client secret.
    secret_key: String,
}

impl HttpTokens {
    /// Endpoints below one address, as a sandbox has them.
    ///
    /// # Errors
    /// When the address has no paths below it, or the client cannot be built.
    pub fn at(base: &Url, secret_key: &str) -> Result<Self, String> {
        let below = |path: &str| base.join(path).map_err(|e| e.to_string());
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build();
        Ok(Self {
            client: client.map_err(|e| e.to_string())?,
            connect: below("/oauth/token")?,
            app: below("/v1/oauth/token")?,
            secret_key: secret_key.to_owned(),
        })
    }

    async fn send(&self, asked: Asked) -> Option<Value> {
        let is_app = asked.provider.starts_with("stripe-app");
        let mut form = vec![];
        match asked.grant {
            Grant::Code { code, redirect_uri, verifier } => {
                form.extend([("grant_type", "authorization_code".to_owned()), ("code", code)]);
                form.push(("redirect_uri", redirect_uri));
                form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
            }
            Grant::Refresh(token) => {
                form.extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", token)]);
            }
        }
        if !is_app {
            form.extend([("client_id", asked.client_id), ("client_secret", self.secret_key.clone())]);
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let url = if is_app { &self.app } else { &self.connect };
        let mut request = self.client.post(url.clone()).body(body);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if is_app {
            let basic = STANDARD.encode(format!("{}:", self.secret_key));
            request = request.header("authorization", format!("Basic {basic}"));
        }
        let answer = request.send().await.ok()?;
        let answer = answer.error_for_status().ok()?;
        answer.json().await.ok()
    }
}

impl Tokens for HttpTokens {
    fn exchange(&self, asked: Asked) -> BoxFuture<'_, Option<Value>> {
        Box::pin(self.send(asked))
    }
}
