//! The world of these tests, and how somebody connects in it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use ::nango::{Courier, KEY, Kept, Nango, Options as Standing, PROVIDERS, SIGNING_KEY};
use bursar_it::{
    browser::Browser,
    http::{Answer, send},
    parts::Master,
};
use connections::{HttpCarrier, NangoClient, OAuthClient, ProviderSettings, Transports};
use http::Method;
use model::{AccountId, Clock as _, ManualClock, Mode, SeededRng, seconds};
use sandbox::{OAuthKind, Options, Watched};
use serde_json::{Value, json};
use server::{App, Assembly, FIRST_COMPANY, ServerLimits};
use store::{Memory, MemoryOptions};
use stripe::{Attempt, Credential, Kind, Request, Transport};
use tokio_util::task::TaskTracker;
use url::Url;

/// When everything happens. The clock stands, so that equal requests give equal objects.
const NOON: i64 = 1_795_348_800;
/// Where the application would be reached.
const PUBLIC: &str = "http://127.0.0.1:7420";

/// A way of connecting, in all its kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The key of an account that could be connected.
    SecretKey,
    /// The key of the sandbox's own account, the platform.
    OwnKey,
    /// A key of the same account that may do what the actions say, and no more.
    RestrictedKey,
    Connect,
    App,
    /// By this provider.
    Nango(&'static str),
}

impl How {
    pub(crate) fn all() -> Vec<Self> {
        let own = [Self::SecretKey, Self::OwnKey, Self::RestrictedKey, Self::Connect, Self::App];
        own.into_iter().chain(PROVIDERS.map(|(provider, _)| Self::Nango(provider))).collect()
    }
}

/// A sandbox, a stand-in for Nango, and an application.
pub(crate) struct World {
    pub(crate) stripe: Watched,
    pub(crate) app: App,
    pub(crate) nango: Nango,
    /// What Nango told nobody yet.
    pub(crate) told: Arc<Kept>,
    pub(crate) clock: Arc<ManualClock>,
    /// Every write that left for Stripe, as bytes.
    pub(crate) sent: Arc<Sent>,
    pub(crate) browser: Browser,
    router: axum::Router,
    api_key: String,
    _serving: TaskTracker,
    _master: Master,
}

/// To the sandbox, keeping the bytes of every write.
pub(crate) struct Sent {
    to: Arc<dyn Transport>,
    writes: Mutex<Vec<Vec<u8>>>,
}

impl Transport for Sent {
    fn attempt<'a>(
        &'a self,
        request: &'a Request,
        credential: &'a Credential,
    ) -> stripe::BoxFuture<'a, Attempt> {
        if matches!(request.kind, Kind::Write(_)) {
            self.writes.lock().unwrap().push(request.to_stored());
        }
        self.to.attempt(request, credential)
    }
}

impl Sent {
    /// What left since the last time.
    pub(crate) fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.writes.lock().unwrap())
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let clock = Arc::new(ManualClock::at_second(NOON));
        let options = Options { seed: 7, clock: clock.clone(), check_objects: true, ..Options::default() };
        let stripe = Watched::open(options).await.unwrap();
        let (serving, told) = (TaskTracker::new(), Arc::new(Kept::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let nango = stand_in(&stripe, &clock, told.clone(), there.clone()).await;
        let router = nango.router();
        serving.spawn(async move { axum::serve(listener, router).await });
        let sent = Arc::new(Sent { to: stripe.transport(), writes: Mutex::default() });
        let master = Master::new();
        let app = application(&stripe, &clock, there, sent.clone(), &master).await;
        let company = server::ensure_company(&app, FIRST_COMPANY).await.unwrap().id;
        let issued = server::issue_key(&app, company, "tests", &["admin", "installation"]).await.unwrap();
        let (router, api_key, browser) = (server::router(app.clone()), issued.text, Browser::new());
        let (_serving, _master) = (serving, master);
        Self { stripe, app, nango, told, clock, sent, browser, router, api_key, _serving, _master }
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, key: Option<&str>, body: Value) -> Answer {
        let mut headers: Vec<(&str, &[u8])> = vec![("x-api-key", self.api_key.as_bytes())];
        headers.extend(key.map(|key| ("idempotency-key", key.as_bytes())));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        headers.extend((!body.is_empty()).then_some(("content-type", b"application/json".as_slice())));
        send(&self.router, method, path, &headers, body).await
    }

    /// A request that has to succeed; its data.
    pub(crate) async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.ask(method.clone(), path, None, body).await;
        assert!(answer.body["success"] == true, "{method} {path}: {:#}", answer.body);
        answer.body["data"].clone()
    }

    /// Calls an action over a connection.
    pub(crate) async fn call(&self, connection: &str, action: &str, key: &str, config: &Value) -> Answer {
        let body = json!({ "config": config, "connectionId": connection });
        self.ask(Method::POST, &format!("/api/v1/actions/{action}"), Some(key), body).await
    }

    /// The account that this way connects, and its owner's own key.
    pub(crate) async fn account(&self, how: How) -> Credential {
        if matches!(how, How::OwnKey | How::RestrictedKey) {
            return Credential::new(self.stripe.account(), Mode::Local, self.stripe.secret_key());
        }
        let account = self.stripe.oauth().open_account("Ada").await;
        let key = self.stripe.oauth().secret_key_of(&account).unwrap();
        Credential::new(account, Mode::Local, key)
    }

    /// Connects an account under a name, as people do it; it is active then.
    pub(crate) async fn connect(&self, how: How, name: &str, owner: &Credential) -> Value {
        match how {
            How::SecretKey | How::OwnKey => self.add_key(name, owner.expose()).await,
            How::RestrictedKey => {
                let key = self.stripe.restricted_key(&permissions()).await.unwrap();
                self.add_key(name, &key).await
            }
            How::Connect | How::App => {
                let via = if how == How::Connect { "connect" } else { "app" };
                let link = self.link(json!({ "via": via, "name": name, "mode": "local" })).await;
                self.consent(&link, &owner.account).await;
            }
            How::Nango(provider) => {
                let link = json!({ "via": "nango", "name": name, "mode": "local", "integration": provider });
                let link = self.link(link).await;
                self.open_at_nango(&link, provider, owner).await;
                assert_eq!(self.app.connections.look_for_authorized().await, 1, "{provider}");
            }
        }
        let row = self.show(name).await;
        assert_eq!(
            (row["status"].as_str(), row["account"].as_str()),
            (Some("active"), Some(owner.account.as_str())),
            "{how:?}: {row:#}"
        );
        row
    }

    async fn add_key(&self, name: &str, key: &str) {
        let base_url = self.stripe.url().unwrap();
        let body = json!({ "name": name, "apiKey": key, "mode": "local", "baseUrl": base_url });
        self.done(Method::POST, "/api/v1/connections", body).await;
    }

    /// A link by which somebody authorizes; nothing is connected yet.
    pub(crate) async fn link(&self, wanted: Value) -> Value {
        let link = self.done(Method::POST, "/api/v1/connections/stripe/authorize", wanted).await;
        let id = link["connectionId"].as_str().unwrap();
        assert_ne!(self.show(id).await["status"], "active");
        link
    }

    /// Opens a link of Stripe's, consents on its page, and comes back.
    pub(crate) async fn consent(&self, link: &Value, account: &AccountId) {
        let page = self.browser.open(&url(&link["authUrl"])).await;
        let back = self.browser.decide(&page, account.as_str(), "connect").await;
        let at = back.as_str().strip_prefix(PUBLIC).unwrap_or_else(|| panic!("sent to {back}"));
        let answer = send(&self.router, Method::GET, at, &[], "").await;
        assert_eq!(answer.body["data"]["status"], "active", "{:#}", answer.body);
    }

    /// Opens a link of Nango's and does what its page asks for.
    pub(crate) async fn open_at_nango(&self, link: &Value, provider: &str, owner: &Credential) {
        let page = self.browser.open(&url(&link["authUrl"])).await;
        if provider == "stripe-api-key" {
            assert!(link["headlessUrl"].is_null(), "a key is typed: {link}");
            self.browser.type_key(&page, owner.expose()).await;
        } else {
            let start = page.link("/oauth/connect/").unwrap_or_else(|| panic!("{}", page.text));
            assert_eq!(url(&link["headlessUrl"]), start, "the way around the page leads to the same");
            let page = self.browser.open(&start).await;
            let back = self.browser.decide(&page, owner.account.as_str(), "connect").await;
            assert_eq!(self.browser.open(&back).await.status, 200);
        }
        self.nango.delivered().await;
    }

    /// Hands on what Nango told, as HTTP does. How many there were.
    pub(crate) async fn hand_on(&self) -> usize {
        let deliveries = self.told.take();
        for delivery in &deliveries {
            let headers = [("x-nango-hmac-sha256", delivery.hmac.as_bytes())];
            let answer =
                send(&self.router, Method::POST, "/webhooks/nango", &headers, delivery.body.clone()).await;
            assert_eq!(answer.status, 200, "{:#}", answer.body);
        }
        deliveries.len()
    }

    /// A connection, by name or id.
    pub(crate) async fn show(&self, connection: &str) -> Value {
        self.done(Method::GET, &format!("/api/v1/connections/{connection}"), Value::Null).await
    }
}

pub(crate) fn url(text: &Value) -> Url {
    Url::parse(text.as_str().unwrap_or_default()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// What the actions say that a restricted key needs, and nothing else.
fn permissions() -> Vec<(&'static str, &'static str)> {
    let mut needed: HashMap<&str, bool> = HashMap::new();
    for action in actions::Catalog.all() {
        *needed.entry(action.permission.resource).or_default() |= action.permission.write;
    }
    needed.into_iter().map(|(name, write)| (name, if write { "write" } else { "read" })).collect()
}

async fn stand_in(stripe: &Watched, clock: &Arc<ManualClock>, courier: Arc<dyn Courier>, at: Url) -> Nango {
    let behind = Url::parse(&stripe.url().unwrap()).unwrap();
    let (tokens, integrations) = ::nango::of_sandbox(&behind).await.unwrap();
    Nango::new(Standing {
        clock: clock.clone(),
        rng: Arc::new(SeededRng::new(5)),
        tokens,
        courier,
        public_url: at,
        limit: 100_000,
        integrations,
    })
}

async fn application(
    stripe: &Watched,
    clock: &Arc<ManualClock>,
    nango: Url,
    sent: Arc<Sent>,
    master: &Master,
) -> App {
    let base_url = stripe.url().unwrap();
    let at = |path: &str| Url::parse(&format!("{base_url}{path}")).unwrap();
    let client = |kind, authorize, token| OAuthClient {
        client_id: stripe.oauth().client_id(kind),
        secret_key: stripe.oauth().secret().into(),
        authorize_url: at(authorize),
        token_url: at(token),
        deauthorize_url: (kind == OAuthKind::Connect).then(|| at("/oauth/deauthorize")),
        base_url: base_url.clone(),
    };
    let nango = NangoClient {
        base_url: nango,
        key: KEY.to_owned().into(),
        webhook_keys: vec![SIGNING_KEY.to_owned().into()],
        integration: "stripe".into(),
        stripe_url: base_url.clone(),
    };
    let local = Mode::Local;
    let connect = client(OAuthKind::Connect, "/oauth/authorize", "/oauth/token");
    let app = client(OAuthKind::App, "/oauth/v2/authorize", "/v1/oauth/token");
    let providers = ProviderSettings {
        public_url: Url::parse(PUBLIC).ok(),
        connect: HashMap::from([(local, connect)]),
        app: HashMap::from([(local, app)]),
        nango: HashMap::from([(local, nango)]),
        ..ProviderSettings::default()
    };
    let transport: Arc<dyn Transport> = sent;
    let transports: Transports = Arc::new(move |_: &str| Ok(transport.clone()));
    let made = server::assemble(Assembly {
        store: Arc::new(Memory::new(MemoryOptions::default())),
        master: master.key(),
        transports,
        carrier: Arc::new(HttpCarrier::new().unwrap()),
        providers,
        clock: clock.clone(),
        rng: Arc::new(SeededRng::new(1)),
        limits: calls::Limits::default(),
        concurrency: 16,
        server: ServerLimits::default(),
    });
    made.await.unwrap()
}

/// A time after the world began.
pub(crate) fn after(clock: &ManualClock, passed: i64) {
    clock.set(seconds(clock.now().as_second() + passed));
}
