//! The client of Nango against the stand-in: the world of these tests, and connecting.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::nango::{Consent, Kept, Nango, Options, Scripted};
use bytes::Bytes;
use model::{
    Binding, Clock as _, Code, CompanyId, ConnectionStatus, ManualClock, Mode, SeededRng, Timestamp,
};
use serde_json::{Value, json};
use store::{Company, Connection, Memory, MemoryOptions, Store, Unit, Write};
use stripe::{Answer, Attempt, Credential, Headers, Request, Transport};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    AddNango, Authorize, Begun, BoxFuture, Carrier, Connections, Exchange, Exchanged, MasterKey, NangoClient,
    NangoDelivery, ProviderSettings, Transports, Unsigned, Vault, Way,
};

pub(super) const ACCOUNT: &str = "acct_1FakeConnected00";

/// To the stand-in, or to what is scripted, or to nobody.
pub(super) struct Wire {
    nango: Nango,
    pub(super) next: Mutex<VecDeque<Exchanged>>,
    pub(super) is_down: AtomicBool,
    pub(super) is_stuck: AtomicBool,
}

impl Carrier for Wire {
    fn exchange(&self, exchange: Exchange) -> BoxFuture<'_, Exchanged> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if self.is_stuck.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.is_down.load(Ordering::Relaxed) {
                return Exchanged::NeverSent("refused".to_owned());
            }
            let scripted = self.next.lock().unwrap().pop_front();
            if let Some(scripted) = scripted {
                return scripted;
            }
            let mut request = http::Request::builder().method(exchange.method).uri(exchange.url.as_str());
            for (name, value) in exchange.headers {
                request = request.header(name, value);
            }
            let answer = self.nango.answer(request.body(exchange.body).unwrap()).await;
            let (parts, body) = answer.into_parts();
            Exchanged::Answered { status: parts.status, headers: parts.headers, body }
        })
    }
}

/// Stripe, as far as a key's account goes.
#[derive(Default)]
pub(super) struct Stripe {
    pub(super) accounts: Mutex<HashMap<String, String>>,
    pub(super) refused: Mutex<HashSet<String>>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Transport for Stripe {
    fn attempt<'a>(&'a self, _: &'a Request, credential: &'a Credential) -> stripe::BoxFuture<'a, Attempt> {
        let secret = credential.expose().to_owned();
        self.asked.lock().unwrap().push(secret.clone());
        let account = self.accounts.lock().unwrap().get(&secret).cloned();
        let (status, body) = if self.refused.lock().unwrap().contains(&secret) {
            (401, json!({ "error": { "type": "invalid_request_error", "message": "Invalid API Key" } }))
        } else {
            (200, json!({ "object": "account", "id": account.unwrap_or_else(|| ACCOUNT.to_owned()) }))
        };
        let answer = Answer { status, headers: Headers::default(), body };
        Box::pin(std::future::ready(Attempt::Answered(answer)))
    }
}

pub(super) struct World {
    pub(super) connections: Connections,
    pub(super) store: Store,
    vault: Vault,
    pub(super) company: CompanyId,
    pub(super) clock: Arc<ManualClock>,
    /// The time at Nango.
    pub(super) there: Arc<ManualClock>,
    pub(super) nango: Nango,
    pub(super) tokens: Arc<Scripted>,
    pub(super) told: Arc<Kept>,
    pub(super) wire: Arc<Wire>,
    pub(super) stripe: Arc<Stripe>,
}

impl World {
    pub(super) async fn new() -> Self {
        let [clock, there] = [(); 2].map(|()| Arc::new(ManualClock::at_second(1_795_372_000)));
        let (tokens, told) = (Arc::new(Scripted::default()), Arc::new(Kept::default()));
        let mut integrations = Nango::integrations("ca_FakeClientId000");
        let mut foreign = integrations[0].clone();
        (foreign.key, foreign.provider) = ("unauth".into(), "unauthenticated".into());
        integrations.push(foreign);
        let nango = Nango::new(Options {
            clock: there.clone(),
            rng: Arc::new(SeededRng::new(5)),
            tokens: tokens.clone(),
            courier: told.clone(),
            public_url: Url::parse("http://nango.example/").unwrap(),
            limit: 10_000,
            integrations,
        });
        let next = Mutex::default();
        let wire = Arc::new(Wire {
            nango: nango.clone(),
            next,
            is_down: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
        });
        let store: Store = Arc::new(Memory::new(MemoryOptions::default()));
        let vault = Vault::open(store.clone(), MasterKey::random()).await.unwrap();
        let stripe = Arc::new(Stripe::default());
        let company = CompanyId::new(&*clock, &SeededRng::new(7));
        let row = Company { id: company, name: "Test".into(), created_at: clock.now() };
        store.commit(Unit::interactive(vec![Write::PutCompany(row)])).await.unwrap();
        let connections = made(&store, &vault, &clock, &wire, &stripe);
        Self { connections, store, vault, company, clock, there, nango, tokens, told, wire, stripe }
    }

    /// As after a restart: what is in the store, and nothing else.
    pub(super) fn restarted(&self) -> Connections {
        made(&self.store, &self.vault, &self.clock, &self.wire, &self.stripe)
    }

    pub(super) fn pass(&self, time: Duration) {
        for clock in [&self.clock, &self.there] {
            clock.set(clock.now().checked_add(time).unwrap_or(Timestamp::MAX));
        }
    }

    /// Asks the stand-in as whoever runs it.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", ::nango::KEY))
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.nango.answer(request).await;
        assert!(answer.status().is_success(), "{method} {path}: {answer:?}");
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    pub(super) async fn link(&self, name: &str, integration: &str) -> Begun {
        self.connections.authorize(self.company, asked(name, integration)).await.unwrap()
    }

    /// Somebody opens the link and consents for an account.
    pub(super) async fn consent(&self, begun: &Begun, integration: &str, account: &str) {
        let code = Consent::Code(self.tokens.code(account, false));
        self.nango.consent(&token(begun), integration, code).await.unwrap();
        self.nango.delivered().await;
    }

    /// An active connection that somebody made by OAuth.
    pub(super) async fn connected(&self, integration: &str) -> (Connection, Binding) {
        let begun = self.link("main", integration).await;
        self.consent(&begun, integration, ACCOUNT).await;
        assert_eq!(self.connections.look_for_authorized().await, 1);
        self.told.take();
        let row = self.row(&begun.connection).await;
        assert_eq!(row.status, ConnectionStatus::Active);
        let binding = super::binding(&row);
        (row, binding)
    }

    pub(super) async fn row(&self, of: &Connection) -> Connection {
        self.store.connection(of.company, of.id).await.unwrap().unwrap()
    }

    pub(super) async fn secret(&self, binding: &Binding) -> Result<String, model::Failure> {
        let given = self.connections.credential(binding).await;
        given.map(|(credential, _)| credential.expose().to_owned())
    }

    /// Hands on what was told; the connections that were looked at.
    pub(super) async fn hand_on(&self) -> Vec<Option<model::ConnectionId>> {
        let mut looked = Vec::new();
        for delivery in self.told.take() {
            looked.push(self.tell(&delivery.hmac, &delivery.body).await.unwrap());
        }
        looked
    }

    pub(super) async fn tell(
        &self,
        hmac: &str,
        body: &[u8],
    ) -> Result<Option<model::ConnectionId>, Unsigned> {
        self.connections.told_by_nango(NangoDelivery { signature: hmac.as_bytes(), body }).await
    }

    /// Requests to the stand-in that read a connection.
    pub(super) fn reads(&self) -> usize {
        self.nango.requests().iter().filter(|asked| asked.starts_with("GET /connections/")).count()
    }

    pub(super) fn settings(&self, change: impl Fn(&mut NangoClient)) {
        let mut settings = (*self.connections.providers()).clone();
        settings.nango.values_mut().for_each(change);
        self.connections.set_providers(settings);
    }
}

fn made(
    store: &Store,
    vault: &Vault,
    clock: &Arc<ManualClock>,
    wire: &Arc<Wire>,
    stripe: &Arc<Stripe>,
) -> Connections {
    let client = NangoClient {
        base_url: Url::parse("http://nango.example").unwrap(),
        key: Zeroizing::new(::nango::KEY.to_owned()),
        webhook_keys: vec![Zeroizing::new(::nango::SIGNING_KEY.to_owned())],
        integration: "stripe".into(),
        stripe_url: "https://api.stripe.com".into(),
    };
    let settings =
        ProviderSettings { nango: HashMap::from([(Mode::Test, client)]), ..ProviderSettings::default() };
    let transport: Arc<dyn Transport> = stripe.clone();
    let transports: Transports = Arc::new(move |_: &str| Ok(transport.clone()));
    Connections::new(store.clone(), vault.clone(), clock.clone(), Arc::new(SeededRng::new(3)))
        .with_providers(wire.clone(), settings)
        .with_transports(transports)
}

pub(super) fn asked(name: &str, integration: &str) -> Authorize {
    Authorize {
        via: Way::Nango,
        name: Some(name.into()),
        mode: Mode::Test,
        scope: None,
        integration: Some(integration.into()),
        redirect_url: None,
        reconnect: None,
    }
}

pub(super) fn token(begun: &Begun) -> String {
    begun.url.query_pairs().find(|(name, _)| name == "session_token").unwrap().1.into_owned()
}

pub(super) fn import(name: &str, id: &str, integration: &str) -> AddNango {
    AddNango {
        name: name.into(),
        mode: Mode::Test,
        connection_id: id.into(),
        integration: Some(integration.into()),
        is_default: false,
        version: None,
    }
}

#[tokio::test]
async fn somebody_connects_by_each_of_stripes_providers() {
    for (provider, kind) in ::nango::PROVIDERS {
        for told in [false, true] {
            let world = World::new().await;
            let begun = world.link("main", provider).await;
            assert_eq!(begun.connection.status, ConnectionStatus::Pending);
            if kind == "BASIC" {
                let path = format!("/api-auth/basic/{provider}?connect_session_token={}", token(&begun));
                world.ask("POST", &path, json!({ "username": "rk_test_1", "password": "" })).await;
                world.nango.delivered().await;
            } else {
                world.consent(&begun, provider, ACCOUNT).await;
            }
            if told {
                assert_eq!(world.hand_on().await, [Some(begun.connection.id)]);
            } else {
                assert_eq!(world.connections.look_for_authorized().await, 1);
            }
            let row = world.row(&begun.connection).await;
            assert_eq!((row.status, row.is_default), (ConnectionStatus::Active, true), "{provider}");
            assert_eq!(row.account.as_ref().unwrap().as_str(), ACCOUNT);
            let secret = world.secret(&super::binding(&row)).await.unwrap();
            assert_eq!(secret, if kind == "BASIC" { "rk_test_1" } else { "sk_acct_fake_1" });
        }
    }
}

#[tokio::test]
async fn a_link_that_was_out_before_a_restart_is_looked_for_after_it() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    let after = world.restarted();
    assert_eq!(after.look_for_authorized().await, 0);
    world.consent(&begun, "stripe", ACCOUNT).await;
    world.pass(Duration::from_secs(5));
    assert_eq!(after.look_for_authorized().await, 1);
    assert_eq!(world.row(&begun.connection).await.status, ConnectionStatus::Active);
}

#[tokio::test]
async fn a_link_is_looked_for_ever_more_rarely_and_not_for_ever() {
    let world = World::new().await;
    world.link("main", "stripe").await;
    for _ in 0..720 {
        world.connections.look_for_authorized().await;
        world.pass(Duration::from_secs(5));
    }
    let lists = world.nango.requests().iter().filter(|asked| *asked == "GET /connections").count();
    assert!((30..50).contains(&lists), "{lists}");
}

#[tokio::test]
async fn of_several_connections_the_newest_that_fits_is_taken() {
    let world = World::new().await;
    let (row, _) = world.connected("stripe").await;
    world.connections.disconnect(world.company, row.id).await.unwrap();
    let again = Authorize { reconnect: Some("main".into()), name: None, ..asked("", "stripe") };
    let begun = world.connections.authorize(world.company, again).await.unwrap();
    world.consent(&begun, "stripe", ACCOUNT).await;
    world.pass(Duration::from_secs(1));
    world.consent(&begun, "stripe", "acct_another").await;
    world.stripe.accounts.lock().unwrap().insert("sk_acct_fake_3".into(), "acct_another".into());
    assert_eq!(world.connections.look_for_authorized().await, 1);
    let row = world.row(&row).await;
    assert_eq!(world.secret(&super::binding(&row)).await.unwrap(), "sk_acct_fake_2");
}

#[tokio::test]
async fn another_account_is_refused_and_the_connection_says_why() {
    let world = World::new().await;
    let (row, _) = world.connected("stripe").await;
    world.ask("DELETE", &path(&row), json!({})).await;
    let again = Authorize { reconnect: Some(row.id.to_string()), name: None, ..asked("", "stripe") };
    let begun = world.connections.authorize(world.company, again).await.unwrap();
    world.consent(&begun, "stripe", "acct_another").await;
    world.stripe.accounts.lock().unwrap().insert("sk_acct_fake_2".into(), "acct_another".into());
    assert_eq!(world.secret(&super::binding(&row)).await.unwrap_err().code, Code::ConnectionRequired);
    assert_eq!(world.connections.look_for_authorized().await, 0);
    let row = world.row(&row).await;
    assert_eq!(row.account.as_ref().unwrap().as_str(), ACCOUNT);
    assert!(row.error.as_ref().unwrap().contains("acct_another"), "{:?}", row.error);
}

/// The path of a connection at the stand-in.
pub(super) fn path(row: &Connection) -> String {
    let place: Value = serde_json::from_str(&row.details).unwrap();
    let text = |name: &str| place[name].as_str().unwrap().to_owned();
    format!("/connections/{}?provider_config_key={}", text("connectionId"), text("integration"))
}

#[tokio::test]
async fn bad_input_names_the_field_and_stores_nothing() {
    let world = World::new().await;
    let with = |change: &dyn Fn(&mut Authorize)| {
        let mut authorize = asked("main", "stripe");
        change(&mut authorize);
        authorize
    };
    for (bad, code, field) in [
        (with(&|a| a.integration = Some("nope".into())), Code::ValidationError, "integration"),
        (with(&|a| a.redirect_url = Some("https://a.example".into())), Code::ValidationError, "redirectUrl"),
        (with(&|a| a.scope = Some("all".into())), Code::ValidationError, "scope"),
        (with(&|a| a.name = Some(String::new())), Code::ValidationError, "name"),
    ] {
        let refused = world.connections.authorize(world.company, bad).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (code, Some(field)), "{}", refused.message);
    }
    world.ask("POST", "/connections", imported("stripe", "there", "sk_acct_1")).await;
    for (bad, code, field) in [
        (import("a", "there", "nope"), Code::ValidationError, "integration"),
        (import("a", "gone", "stripe"), Code::NotFound, "nangoConnectionId"),
        (import("a", "there", "stripe-app"), Code::NotFound, "nangoConnectionId"),
        (import("a", "..", "stripe"), Code::ValidationError, "nangoConnectionId"),
        (import("a", "", "stripe"), Code::ValidationError, "nangoConnectionId"),
        (import("", "there", "stripe"), Code::ValidationError, "name"),
    ] {
        let refused = world.connections.add_nango(world.company, bad).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (code, Some(field)), "{}", refused.message);
    }
    assert!(world.connections.list(world.company).await.unwrap().is_empty());
}

pub(super) fn imported(integration: &str, id: &str, token: &str) -> Value {
    let credentials = json!({ "type": "OAUTH2", "access_token": token, "refresh_token": "rt_imported" });
    json!({ "provider_config_key": integration, "connection_id": id, "credentials": credentials })
}

#[tokio::test]
async fn a_connection_is_imported_under_any_id_and_never_deleted_there() {
    let world = World::new().await;
    for id in ["conn-1", "conn norefresh/1", "a@b.c?x=1&y#z%2F", "ünï"] {
        world.ask("POST", "/connections", imported("stripe", id, "sk_acct_1")).await;
        let add = AddNango { version: Some(::stripe::PINNED), ..import(id, id, "stripe") };
        let row = world.connections.add_nango(world.company, add).await.unwrap();
        let known = (row.version.as_deref(), row.revision);
        assert_eq!(known, (Some(::stripe::PINNED.as_str()), 1), "the version comes with the row");
        assert_eq!(world.secret(&super::binding(&row)).await.unwrap(), "sk_acct_1");
        let ended = world.connections.disconnect(world.company, row.id).await.unwrap();
        assert!(ended.provider_told.is_none());
        assert!(world.secret(&super::binding(&row)).await.is_err());
    }
    assert!(!world.nango.requests().iter().any(|asked| asked.starts_with("DELETE")));
}

#[tokio::test]
async fn another_companys_connection_is_not_to_be_had() {
    let world = World::new().await;
    let other = CompanyId::new(&*world.clock, &SeededRng::new(99));
    let company = Company { id: other, name: "Other".into(), created_at: world.clock.now() };
    world.store.commit(Unit::interactive(vec![Write::PutCompany(company)])).await.unwrap();
    let (row, _) = world.connected("stripe").await;
    let place: Value = serde_json::from_str(&row.details).unwrap();
    let id = place["connectionId"].as_str().unwrap();
    let taken = world.connections.add_nango(other, import("x", id, "stripe")).await.unwrap_err();
    assert_eq!(taken.code, Code::Conflict);
    world.connections.remove(world.company, row.id).await.unwrap_err();
    world.store.commit(Unit::interactive(vec![Write::RemoveConnection(row.company, row.id)])).await.unwrap();
    let foreign = world.connections.add_nango(other, import("x", id, "stripe")).await.unwrap_err();
    assert_eq!(foreign.code, Code::NotFound, "its tag names the other company");
    assert!(world.connections.list(other).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_given_up_is_deleted_at_nango_with_all_that_a_link_left() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    world.consent(&begun, "stripe", ACCOUNT).await;
    world.consent(&begun, "stripe", ACCOUNT).await;
    world.connections.look_for_authorized().await;
    let ended = world.connections.disconnect(world.company, begun.connection.id).await.unwrap();
    assert!(matches!(ended.provider_told, Some(Ok(()))));
    let left = world.ask("GET", "/connections", json!({})).await;
    assert_eq!(left, json!({ "connections": [] }));
    let again = world.connections.disconnect(world.company, begun.connection.id).await.unwrap();
    assert!(again.provider_told.is_none_or(|told| told.is_ok()), "once more does no harm");
}
