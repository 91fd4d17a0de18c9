//! Both OAuth kinds, from the link to the end of the permission: our client on one side,
//! the sandbox's pages and endpoints on the other, HTTP between them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bursar_it::browser::Browser;
use connections::{
    Authorize, Callback, Connections, HttpCarrier, MasterKey, OAuthClient, ProviderSettings, Returned, Vault,
    Wanted, Way,
};
use model::{Binding, Clock as _, Code, CompanyId, ConnectionStatus, ManualClock, Mode, SeededRng};
use reqwest::Client;
use sandbox::{Fault, OAuthKind, Options, Watched};
use store::{Company, Memory, MemoryOptions, Store, Unit, Write};
use url::Url;

const NOON: i64 = 1_795_348_800;
const HOUR: Duration = Duration::from_secs(3600);
const WAYS: [(Way, OAuthKind); 2] = [(Way::Connect, OAuthKind::Connect), (Way::App, OAuthKind::App)];

struct World {
    stripe: Watched,
    connections: Connections,
    company: CompanyId,
    clock: Arc<ManualClock>,
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

impl World {
    async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (clock, rng) = (Arc::new(ManualClock::at_second(NOON)), Arc::new(SeededRng::new(7)));
        let options = Options { seed: 7, clock: clock.clone(), ..Options::default() };
        let stripe = Watched::open(options).await.unwrap();
        let store: Store = Arc::new(Memory::new(MemoryOptions::default()));
        let company = CompanyId::new(&*clock, &*rng);
        let row = Company { id: company, name: "Test".into(), created_at: clock.now() };
        store.commit(Unit::interactive(vec![Write::PutCompany(row)])).await.unwrap();
        let vault = Vault::open(store.clone(), MasterKey::random()).await.unwrap();
        let settings = ProviderSettings {
            public_url: Url::parse("http://127.0.0.1:7420").ok(),
            connect: HashMap::from([(Mode::Local, client(&stripe, OAuthKind::Connect))]),
            app: HashMap::from([(Mode::Local, client(&stripe, OAuthKind::App))]),
            ..ProviderSettings::default()
        };
        let carrier = Arc::new(HttpCarrier::new().unwrap());
        let connections =
            Connections::new(store, vault, clock.clone(), rng).with_providers(carrier, settings);
        Self { stripe, connections, company, clock }
    }

    /// Follows a new link to its page and decides there as a browser without scripts would.
    async fn decide(&self, via: Way, name: &str, account: &str, decision: &str) -> Returned {
        let asked = Authorize {
            via,
            name: Some(name.to_owned()),
            mode: Mode::Local,
            scope: None,
            integration: None,
            redirect_url: None,
            reconnect: None,
        };
        let begun = self.connections.authorize(self.company, asked).await.unwrap();
        let browser = Browser::new();
        let page = browser.open(&begun.url).await;
        assert_eq!(page.status, 200);
        let back = browser.decide(&page, account, decision).await;
        assert!(back.as_str().starts_with("http://127.0.0.1:7420/api/v1/connections/callback?"), "{back}");
        let of =
            |name: &str| back.query_pairs().find(|(known, _)| known == name).map(|(_, v)| v.into_owned());
        let callback = Callback {
            state: of("state"),
            code: of("code"),
            error: of("error"),
            error_description: of("error_description"),
        };
        self.connections.callback(callback).await.unwrap()
    }

    async fn binding(&self, name: &str) -> Binding {
        self.connections.choose(self.company, Wanted::Named(name.to_owned())).await.unwrap()
    }

    /// The id of the account that a connection's credential reaches, or the code of the
    /// refusal.
    async fn reaches(&self, binding: &Binding) -> Result<String, String> {
        let (credential, base) =
            self.connections.credential(binding).await.map_err(|e| format!("{:?}", e.code))?;
        let client = Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let operation = stripe::tables::operation("accounts.retrieveCurrent").unwrap();
        let request = stripe::Request {
            operation,
            path: operation.path.to_owned(),
            form: Default::default(),
            version: stripe::PINNED,
            account: None,
            kind: stripe::Kind::Read,
        };
        let mut get = client.get(format!("{base}{}", operation.path)).bearer_auth(credential.expose());
        if let Some(account) = credential.account_header(&request).unwrap() {
            get = get.header("stripe-account", account.as_str());
        }
        let body: serde_json::Value =
            serde_json::from_str(&get.send().await.unwrap().text().await.unwrap()).unwrap();
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        text(&body["id"]).ok_or_else(|| text(&body["error"]["code"]).unwrap_or_default())
    }

    fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now().checked_add(time).unwrap());
    }
}

#[tokio::test]
async fn a_link_leads_over_the_page_to_an_active_connection_of_that_account() {
    let world = World::new().await;
    for (via, kind) in WAYS {
        let account = world.stripe.oauth().open_account("Ada").await;
        let name = format!("{kind:?}").to_lowercase();
        let returned = world.decide(via, &name, account.as_str(), "connect").await;
        assert!(returned.failure.is_none(), "{:?}", returned.failure);
        assert_eq!(returned.connection.status, ConnectionStatus::Active);
        assert_eq!(returned.connection.account.as_ref(), Some(&account));
        let binding = world.binding(&name).await;
        assert_eq!(world.reaches(&binding).await, Ok(account.as_str().to_owned()));
        world.stripe.oauth().revoke(&account).await;
        let refused = world.reaches(&binding).await.unwrap_err();
        let wanted = if via == Way::App { "platform_api_key_expired" } else { "account_invalid" };
        assert_eq!(refused, wanted);
    }
}

#[tokio::test]
async fn who_denies_leaves_nothing_connected() {
    let world = World::new().await;
    for (via, kind) in WAYS {
        let returned = world.decide(via, &format!("{kind:?}").to_lowercase(), "new", "deny").await;
        let failure = returned.failure.unwrap();
        assert_eq!(failure.code, Code::ConnectionRequired);
        assert!(failure.message.contains("access_denied"), "{}", failure.message);
        assert_ne!(returned.connection.status, ConnectionStatus::Active);
    }
    assert!(world.stripe.oauth().exchanges().is_empty());
}

#[tokio::test]
async fn many_callers_at_expiry_cause_one_exchange_at_stripe() {
    let world = World::new().await;
    let account = world.stripe.oauth().open_account("Ada").await;
    world.decide(Way::App, "app", account.as_str(), "connect").await;
    let binding = world.binding("app").await;
    world.pass(2 * HOUR);
    let all = (0..50).map(|_| world.connections.credential(&binding));
    let keys: Vec<String> = futures_util::future::join_all(all)
        .await
        .into_iter()
        .map(|one| one.unwrap().0.expose().to_owned())
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(world.reaches(&binding).await, Ok(account.as_str().to_owned()));
    let grants: Vec<String> =
        world.stripe.oauth().exchanges().into_iter().map(|one| one.grant_type).collect();
    assert_eq!(grants, ["authorization_code", "refresh_token"]);
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_serves_the_old_token_to_its_end_and_then_expires() {
    let world = World::new().await;
    let account = world.stripe.oauth().open_account("Ada").await;
    let id = world.decide(Way::App, "app", account.as_str(), "connect").await.connection.id;
    let binding = world.binding("app").await;
    world.pass(HOUR - Duration::from_secs(60));
    world.stripe.fault_at(Fault::LostAnswer, 1, None, Some("/v1/oauth/token"));
    assert_eq!(world.reaches(&binding).await, Ok(account.as_str().to_owned()), "the old token still works");
    let outcomes: Vec<String> = world.stripe.oauth().exchanges().into_iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, ["granted", "granted", "invalid_grant"], "asked once more with the same token");
    world.pass(HOUR);
    assert_eq!(world.reaches(&binding).await, Err(format!("{:?}", Code::ConnectionExpired)));
    let again = world.connections.list(world.company).await.unwrap();
    assert_eq!(again.iter().find(|row| row.id == id).unwrap().status, ConnectionStatus::Expired);
}

#[tokio::test]
async fn disconnecting_tells_stripe_and_ends_what_the_platform_could_do() {
    let world = World::new().await;
    let account = world.stripe.oauth().open_account("Ada").await;
    let row = world.decide(Way::Connect, "connect", account.as_str(), "connect").await.connection;
    world.connections.disconnect(world.company, row.id).await.unwrap();
    let kinds: Vec<_> =
        world.stripe.oauth().objects(&account, "event").iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["account.application.authorized", "account.application.deauthorized"]);
}
