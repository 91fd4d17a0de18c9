//! A platform's events, from the consent of an account to the end of its access: the
//! sandbox posts to the installation's address, and everything between is real HTTP.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bursar_it::parts::Master;
use connections::{Authorize, Callback, HttpCarrier, OAuthClient, ProviderSettings, Way};
use events::Claims;
use model::{AccountId, CompanyId, ConnectionStatus, Mode, ReceiptStatus, SeededRng, SystemClock};
use reqwest::Client;
use sandbox::{OAuthKind, Options, Watched};
use serde_json::{Value, json};
use server::{App, Assembly, FIRST_COMPANY, ServerLimits};
use store::{Connection, Memory, MemoryOptions, ReceiptFilter};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

const WAYS: [(Way, OAuthKind); 2] = [(Way::Connect, OAuthKind::Connect), (Way::App, OAuthKind::App)];

struct World {
    stripe: Watched,
    app: App,
    company: CompanyId,
    claims: Claims,
    stop: CancellationToken,
    _master: Master,
}

fn client(stripe: &Watched, kind: OAuthKind) -> OAuthClient {
    let base = stripe.url().unwrap();
    let url = |path: &str| Url::parse(&format!("{base}{path}")).unwrap();
    let (authorize, token) = match kind {
        OAuthKind::Connect => ("/oauth/authorize", "/oauth/token"),
        OAuthKind::App => ("/oauth/v2/authorize", "/v1/oauth/token"),
    };
    OAuthClient {
        client_id: stripe.oauth().client_id(kind),
        secret_key: stripe.oauth().secret().into(),
        authorize_url: url(authorize),
        token_url: url(token),
        deauthorize_url: (kind == OAuthKind::Connect).then(|| url("/oauth/deauthorize")),
        base_url: base,
    }
}

fn http() -> Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

impl World {
    /// A server that listens, and a platform whose endpoint for connected accounts points
    /// at it.
    async fn new() -> Self {
        let http = http();
        let stripe = Watched::open(Options { seed: 7, ..Options::default() }).await.unwrap();
        let settings = ProviderSettings {
            public_url: Url::parse("http://127.0.0.1:7420").ok(),
            connect: HashMap::from([(Mode::Local, client(&stripe, OAuthKind::Connect))]),
            app: HashMap::from([(Mode::Local, client(&stripe, OAuthKind::App))]),
            ..ProviderSettings::default()
        };
        let (master, transport) = (Master::new(), stripe.transport());
        let app = server::assemble(Assembly {
            store: Arc::new(Memory::new(MemoryOptions::default())),
            master: master.key(),
            transports: Arc::new(move |_: &str| Ok(transport.clone())),
            carrier: Arc::new(HttpCarrier::new().unwrap()),
            providers: settings,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SeededRng::new(7)),
            limits: calls::Limits::default(),
            concurrency: 8,
            server: ServerLimits::default(),
        })
        .await
        .unwrap();
        let company = server::ensure_company(&app, FIRST_COMPANY).await.unwrap().id;
        let stop = CancellationToken::new();
        let ours = serve(&app, stop.clone()).await;
        let made = endpoint(&http, &stripe, &format!("{ours}/webhooks/stripe")).await;
        let key = server::issue_key(&app, company, "it", &["installation"]).await.unwrap().text;
        let source = json!({ "endpoint": made["id"], "secret": made["secret"], "mode": "local" });
        let added = http
            .post(format!("{ours}/api/v1/installation/sources"))
            .header("x-api-key", key)
            .header("content-type", "application/json")
            .body(source.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(added.status(), 201);
        let added: Value = serde_json::from_str(&added.text().await.unwrap()).unwrap();
        assert_eq!(added["data"]["account"], json!(stripe.account()), "Stripe was asked whose it is");
        let claims = Claims::new(app.inbox.clone(), app.connections.clone());
        Self { stripe, app, company, claims, stop, _master: master }
    }

    /// Somebody consents on the account's side; gives back the code.
    async fn consent(&self, kind: OAuthKind, account: &AccountId) -> String {
        self.stripe.oauth().authorize(kind, account).await
    }

    async fn connect(&self, via: Way, kind: OAuthKind, account: &AccountId) -> Connection {
        let asked = Authorize {
            via,
            name: Some(format!("{kind:?}")),
            mode: Mode::Local,
            scope: None,
            integration: None,
            redirect_url: None,
            reconnect: None,
        };
        let begun = self.app.connections.authorize(self.company, asked).await.unwrap();
        let state = begun.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let code = self.consent(kind, account).await;
        let back = Callback { state: Some(state), code: Some(code), ..Callback::default() };
        let returned = self.app.connections.callback(back).await.unwrap();
        assert!(returned.failure.is_none(), "{:?}", returned.failure);
        returned.connection
    }

    /// Waits until what Stripe has to tell has come, and is dispatched.
    async fn settle(&self) {
        tokio::time::timeout(Duration::from_secs(60), self.stripe.settle()).await.unwrap();
        while self.app.dispatcher.step().await.unwrap() > 0 {}
    }

    async fn stands(&self, row: &Connection) -> ConnectionStatus {
        self.app.store.connection(row.company, row.id).await.unwrap().unwrap().status
    }

    /// The types of the events that the company has of an account, oldest first, and what
    /// became of them.
    async fn events(&self, account: &AccountId) -> Vec<(String, ReceiptStatus)> {
        let all = self.app.inbox.list(self.company, ReceiptFilter::default(), 100, None).await.unwrap();
        let of = all.rows.into_iter().filter(|row| row.account == account.as_str());
        let mut of: Vec<_> = of.map(|row| (row.kind, row.status)).collect();
        of.reverse();
        of
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves the application on a port of its own; where.
async fn serve(app: &App, stop: CancellationToken) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = server::router(app.clone());
    TaskTracker::new().spawn(async move {
        axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await.unwrap();
    });
    url
}

/// Makes the platform's endpoint for connected accounts.
async fn endpoint(http: &Client, stripe: &Watched, url: &str) -> Value {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("url", url), ("enabled_events[0]", "*"), ("connect", "true")])
        .finish();
    let made = http
        .post(format!("{}/v1/webhook_endpoints", stripe.url().unwrap()))
        .bearer_auth(stripe.secret_key())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 200);
    serde_json::from_str(&made.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn an_owner_who_takes_access_back_ends_the_connection() {
    for (via, kind) in WAYS {
        let world = World::new().await;
        let account = world.stripe.oauth().open_account("Ada").await;
        let row = world.connect(via, kind, &account).await;
        world.settle().await;
        assert_eq!(world.stands(&row).await, ConnectionStatus::Active);
        assert!(world.stripe.oauth().revoke(&account).await);
        world.settle().await;
        assert_eq!(world.stands(&row).await, ConnectionStatus::Revoked, "{via:?}");
        let kinds: Vec<String> = world.events(&account).await.into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.contains(&"account.application.deauthorized".to_owned()), "{kinds:?}");
        let binding = model::Binding { company: row.company, connection: row.id, account, mode: row.mode };
        let refused = world.app.connections.credential(&binding).await.unwrap_err();
        assert_eq!(refused.code, model::Code::ConnectionRequired);
    }
}

#[tokio::test]
async fn a_consent_given_again_is_not_ended_by_the_announcement_of_the_first_one() {
    let world = World::new().await;
    let account = world.stripe.oauth().open_account("Ada").await;
    let row = world.connect(Way::Connect, OAuthKind::Connect, &account).await;
    // Both happen before anything of it is dispatched, within one clock's second perhaps.
    world.stripe.oauth().revoke(&account).await;
    let again = Authorize {
        via: Way::Connect,
        name: None,
        mode: Mode::Local,
        scope: None,
        integration: None,
        redirect_url: None,
        reconnect: Some(row.id.to_string()),
    };
    let begun = world.app.connections.authorize(world.company, again).await.unwrap();
    let state = begun.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let code = world.consent(OAuthKind::Connect, &account).await;
    let back = Callback { state: Some(state), code: Some(code), ..Callback::default() };
    assert!(world.app.connections.callback(back).await.unwrap().failure.is_none());
    world.settle().await;
    assert_eq!(world.stands(&row).await, ConnectionStatus::Active);
}

#[tokio::test]
async fn giving_a_connection_up_comes_back_as_an_event_and_changes_nothing_more() {
    let world = World::new().await;
    let account = world.stripe.oauth().open_account("Ada").await;
    let row = world.connect(Way::Connect, OAuthKind::Connect, &account).await;
    let ended = world.app.connections.disconnect(world.company, row.id).await.unwrap();
    assert_eq!(ended.provider_told.map(|told| told.is_ok()), Some(true));
    world.settle().await;
    assert_eq!(world.stands(&row).await, ConnectionStatus::Disconnected);
    let told = ("account.application.deauthorized".to_owned(), ReceiptStatus::Ignored);
    assert!(world.events(&account).await.contains(&told));
}

#[tokio::test]
async fn what_an_account_does_before_anybody_connects_it_is_kept_for_whoever_does() {
    let world = World::new().await;
    let account = world.stripe.oauth().open_account("Ada").await;
    // The platform has its consent, by some other software, and Bursar knows nothing of it.
    let code = world.consent(OAuthKind::Connect, &account).await;
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", "authorization_code"), ("code", &code)])
        .finish();
    let taken = http()
        .post(format!("{}/oauth/token", world.stripe.url().unwrap()))
        .bearer_auth(world.stripe.secret_key())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(taken.status(), 200);
    world.settle().await;
    let kept = world.app.inbox.unclaimed_accounts().await.unwrap();
    assert_eq!((kept.len(), &kept[0].account), (1, &account));
    assert!(world.events(&account).await.is_empty());
    world.connect(Way::Connect, OAuthKind::Connect, &account).await;
    world.settle().await;
    while world.claims.step().await.unwrap() > 0 {}
    assert!(world.app.inbox.unclaimed_accounts().await.unwrap().is_empty());
    let kinds: Vec<String> = world.events(&account).await.into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.contains(&"account.application.authorized".to_owned()), "{kinds:?}");
}
