//! What the stand-in knows, and how it is made.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::{Clock, Rng, Timestamp};
use serde_json::{Map, Value};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::{KEY, KEY_WITHOUT_CREDENTIALS, SIGNING_KEY, Tokens, webhooks::Courier};

/// The providers for Stripe, and how each is authorized.
pub const PROVIDERS: [(&str, &str); 5] = [
    ("stripe", "OAUTH2"),
    ("stripe-express", "OAUTH2"),
    ("stripe-app", "OAUTH2"),
    ("stripe-app-sandbox", "OAUTH2"),
    ("stripe-api-key", "BASIC"),
];

/// An integration: a provider under a name, with its OAuth client.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Its name, `provider_config_key`.
    pub key: String,
    /// Its provider.
    pub provider: String,
    /// The OAuth client's id.
    pub client_id: String,
    /// The scopes that are asked for.
    pub scopes: String,
    /// Where people consent.
    pub authorize_url: Option<Url>,
}

impl Integration {
    /// `OAUTH2`, `BASIC`, or `NONE` for what is not Stripe's.
    pub(crate) fn auth_mode(&self) -> &'static str {
        PROVIDERS.iter().find(|(name, _)| *name == self.provider).map_or("NONE", |(_, mode)| mode)
    }
}

/// What a stand-in is made of.
pub struct Options {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and tokens.
    pub rng: Arc<dyn Rng>,
    /// What renews tokens.
    pub tokens: Arc<dyn Tokens>,
    /// What carries webhooks.
    pub courier: Arc<dyn Courier>,
    /// Where others reach it.
    pub public_url: Url,
    /// Requests per minute.
    pub limit: u32,
    /// Its integrations.
    pub integrations: Vec<Integration>,
}

/// The stand-in. Clones share what it knows.
#[derive(Clone)]
pub struct Nango {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    state: Mutex<State>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) tokens: Arc<dyn Tokens>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) public_url: Url,
    pub(crate) tasks: TaskTracker,
}

pub(crate) struct State {
    /// Keys, and whether each may read credentials.
    pub(crate) keys: HashMap<String, bool>,
    pub(crate) integrations: Vec<Integration>,
    pub(crate) connections: Vec<Stored>,
    pub(crate) sessions: HashMap<String, Session>,
    /// OAuth states that are out.
    pub(crate) states: HashMap<String, Out>,
    pub(crate) signing_key: String,
    pub(crate) limit: u32,
    /// The minute that is counted, and how many requests it had.
    pub(crate) counted: (i64, u32),
    pub(crate) last_id: u64,
    /// Answered requests, for tests.
    pub(crate) requests: Vec<String>,
}

/// A connection as it is kept.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) id: u64,
    pub(crate) connection_id: String,
    pub(crate) integration: String,
    pub(crate) provider: String,
    pub(crate) tags: Map<String, Value>,
    pub(crate) end_user: Value,
    pub(crate) metadata: Value,
    pub(crate) config: Value,
    /// With `type`, tokens and `raw`.
    pub(crate) credentials: Value,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) fetched_at: Option<Timestamp>,
    pub(crate) failed_at: Option<Timestamp>,
    /// Days on which a renewal failed since the last one that did not.
    pub(crate) failed_days: Vec<i64>,
    /// One renewal at a time.
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    pub(crate) renewals: u64,
}

/// A session by which somebody connects; it works more than once.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) tags: Map<String, Value>,
    pub(crate) end_user: Value,
    pub(crate) allowed: Option<Vec<String>>,
    pub(crate) scopes: HashMap<String, String>,
    /// The connection that it is for, if it exists.
    pub(crate) of: Option<(String, String)>,
    pub(crate) ends: Timestamp,
}

/// An OAuth state that is out.
pub(crate) struct Out {
    pub(crate) session: String,
    pub(crate) integration: String,
    pub(crate) verifier: String,
}

impl Nango {
    /// A stand-in without connections.
    pub fn new(options: Options) -> Self {
        let Options { clock, rng, tokens, courier, public_url, limit, integrations } = options;
        let state = State {
            keys: HashMap::from([(KEY.to_owned(), true), (KEY_WITHOUT_CREDENTIALS.to_owned(), false)]),
            integrations,
            connections: Vec::new(),
            sessions: HashMap::new(),
            states: HashMap::new(),
            signing_key: SIGNING_KEY.to_owned(),
            limit,
            counted: (0, 0),
            last_id: 0,
            requests: Vec::new(),
        };
        let tasks = TaskTracker::new();
        let inner = Inner { state: Mutex::new(state), clock, rng, tokens, courier, public_url, tasks };
        Self { inner: Arc::new(inner) }
    }

    /// One integration for each of Stripe's providers, under the provider's name.
    pub fn integrations(client_id: &str) -> Vec<Integration> {
        let of = |(provider, _): (&str, &str)| Integration {
            key: provider.to_owned(),
            provider: provider.to_owned(),
            client_id: client_id.to_owned(),
            scopes: if provider.starts_with("stripe-app") { "" } else { "read_write" }.to_owned(),
            authorize_url: None,
        };
        PROVIDERS.into_iter().map(of).collect()
    }

    /// How many requests are allowed per minute from now on.
    pub fn set_limit(&self, limit: u32) {
        self.state().limit = limit;
    }

    /// What was asked so far, as `GET /connections/x`, without queries.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Waits until every webhook was delivered or given up.
    pub async fn delivered(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.tasks.reopen();
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.inner.rng.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

impl State {
    pub(crate) fn integration(&self, key: &str) -> Option<&Integration> {
        self.integrations.iter().find(|integration| integration.key == key)
    }

    pub(crate) fn connection(&mut self, integration: &str, id: &str) -> Option<&mut Stored> {
        self.connections.iter_mut().find(|c| c.connection_id == id && c.integration == integration)
    }
}
