//! Links, and what comes back by them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::{Clock as _, Code, CompanyId, ConnectionStatus, ManualClock, Mode, SeededRng, Timestamp};
use store::{Memory, MemoryOptions, Store};
use url::Url;
use zeroize::Zeroizing;

use super::provider::{Provider, To, Trouble};
use crate::{
    Authorize, Begun, Callback, Connections, MasterKey, OAuthClient, ProviderSettings, Returned, Vault,
    Wanted, Way,
};

pub(super) struct World {
    pub(super) connections: Connections,
    pub(super) store: Store,
    pub(super) company: CompanyId,
    pub(super) clock: Arc<ManualClock>,
    pub(super) provider: Arc<Provider>,
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn client() -> OAuthClient {
    OAuthClient {
        client_id: "ca_1".into(),
        secret_key: Zeroizing::new("sk_test_platform_canary".into()),
        authorize_url: url("https://connect.stripe.com/oauth/authorize"),
        token_url: url("https://connect.stripe.com/oauth/token"),
        deauthorize_url: None,
        base_url: "https://api.stripe.com".into(),
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(ManualClock::at_second(1_800_000_000));
        let rng = Arc::new(SeededRng::new(7));
        let store: Store = Arc::new(Memory::new(MemoryOptions::default()));
        let vault = Vault::open(store.clone(), MasterKey::random()).await.unwrap();
        let provider = Arc::new(Provider::default());
        let settings = ProviderSettings {
            public_url: Some(url("https://pay.example")),
            connect: HashMap::from([(Mode::Test, client())]),
            app: HashMap::from([(Mode::Test, client())]),
            ..ProviderSettings::default()
        };
        let company = CompanyId::new(&*clock, &*rng);
        let connections = Connections::new(store.clone(), vault, clock.clone(), rng)
            .with_providers(Arc::new(To(provider.clone())), settings);
        Self { connections, store, company, clock, provider }
    }

    pub(super) async fn link(&self, via: Way, name: &str) -> Begun {
        self.connections.authorize(self.company, asked(via, name)).await.unwrap()
    }

    pub(super) async fn back(&self, begun: &Begun, code: &str) -> Result<Returned, model::Failure> {
        let callback = Callback { state: Some(state(begun)), code: Some(code.into()), ..Callback::default() };
        self.connections.callback(callback).await
    }

    /// An active connection of this kind.
    pub(super) async fn connected(&self, via: Way, name: &str, account: &str) -> store::Connection {
        let begun = self.link(via, name).await;
        let returned = self.back(&begun, &self.provider.code(account)).await.unwrap();
        assert!(returned.failure.is_none(), "{:?}", returned.failure);
        returned.connection
    }

    pub(super) fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now().checked_add(time).unwrap_or(Timestamp::MAX));
    }
}

fn asked(via: Way, name: &str) -> Authorize {
    let name = Some(name.to_owned());
    Authorize {
        via,
        name,
        mode: Mode::Test,
        scope: None,
        integration: None,
        redirect_url: None,
        reconnect: None,
    }
}

fn state(begun: &Begun) -> String {
    begun.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

#[tokio::test]
async fn somebody_consents_and_the_connection_works() {
    let world = World::new().await;
    for (via, secret, header) in
        [(Way::Connect, "sk_test_platform_canary", Some("acct_1")), (Way::App, "sk_acct_2", None)]
    {
        let row = world.connected(via, via.as_str(), "acct_1").await;
        assert_eq!(
            (row.status, row.account.as_ref().unwrap().as_str()),
            (ConnectionStatus::Active, "acct_1")
        );
        let named = Wanted::Named(via.as_str().into());
        let binding = world.connections.choose(world.company, named).await.unwrap();
        let (credential, base) = world.connections.credential(&binding).await.unwrap();
        assert_eq!((credential.expose(), base.as_str()), (secret, "https://api.stripe.com"));
        assert_eq!(credential.acting_for.as_ref().map(|a| a.as_str()), header);
    }
}

#[tokio::test]
async fn a_state_that_is_forged_foreign_used_or_old_changes_nothing() {
    let world = World::new().await;
    let begun = world.link(Way::App, "main").await;
    for forged in ["", "x", &state(&begun)[1..], &format!("{}x", state(&begun))] {
        let callback =
            Callback { state: Some(forged.into()), code: Some("ac_1".into()), ..Callback::default() };
        let refused = world.connections.callback(callback).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::ValidationError, Some("state")));
    }
    let code = world.provider.code("acct_1");
    world.back(&begun, &code).await.unwrap();
    let again = world.back(&begun, &world.provider.code("acct_2")).await.unwrap_err();
    assert_eq!(again.code, Code::ValidationError);
    let late = world.link(Way::App, "late").await;
    world.pass(Duration::from_secs(31 * 60));
    let refused = world.back(&late, &world.provider.code("acct_1")).await.unwrap_err();
    assert_eq!(refused.code, Code::ValidationError);
    assert_eq!(world.provider.exchanges().len(), 1);
}

#[tokio::test]
async fn of_two_returns_at_once_one_reaches_the_provider() {
    let world = World::new().await;
    let begun = world.link(Way::App, "main").await;
    let (a, b) = (world.provider.code("acct_1"), world.provider.code("acct_2"));
    let (first, second) = tokio::join!(world.back(&begun, &a), world.back(&begun, &b));
    assert!(first.is_ok() != second.is_ok());
    assert_eq!(world.provider.exchanges().len(), 1);
}

#[tokio::test]
async fn a_refusal_or_a_lost_code_leaves_the_connection_waiting_and_says_why() {
    let world = World::new().await;
    let begun = world.link(Way::Connect, "main").await;
    let callback = Callback {
        state: Some(state(&begun)),
        error: Some("access_denied".into()),
        error_description: Some("The user denied\u{1b}[31m your request".into()),
        ..Callback::default()
    };
    let returned = world.connections.callback(callback).await.unwrap();
    let failure = returned.failure.unwrap();
    assert!(failure.message.contains("access_denied: The user denied[31m"), "{}", failure.message);
    assert_eq!(returned.connection.status, ConnectionStatus::Pending);
    assert!(returned.connection.error.is_some());

    world.provider.trouble(&[Trouble::LostAfter]);
    let begun = world.link(Way::Connect, "main").await;
    let returned = world.back(&begun, &world.provider.code("acct_1")).await.unwrap();
    assert!(returned.failure.unwrap().message.contains("invalid_grant"));
    assert_eq!(returned.connection.status, ConnectionStatus::Pending);
    assert_eq!(world.connections.list(world.company).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_that_did_not_arrive_is_sent_once_more() {
    for trouble in [Trouble::NeverSent, Trouble::LostBefore, Trouble::Broken] {
        let world = World::new().await;
        world.provider.trouble(&[trouble]);
        let row = world.connected(Way::App, "main", "acct_1").await;
        assert_eq!(row.status, ConnectionStatus::Active, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_reconnect_keeps_the_id_and_refuses_another_account() {
    let world = World::new().await;
    let row = world.connected(Way::App, "main", "acct_1").await;
    let again = Authorize { reconnect: Some("main".into()), name: None, ..asked(Way::App, "") };
    let begun = world.connections.authorize(world.company, again.clone()).await.unwrap();
    assert_eq!(begun.connection.id, row.id);
    let other = world.back(&begun, &world.provider.code("acct_2")).await.unwrap();
    assert_eq!(other.failure.unwrap().code, Code::Conflict);
    assert_eq!(other.connection.status, ConnectionStatus::Active);
    let begun = world.connections.authorize(world.company, again).await.unwrap();
    let same = world.back(&begun, &world.provider.code("acct_1")).await.unwrap();
    assert_eq!((same.connection.id, same.failure.is_none()), (row.id, true));
}

#[tokio::test]
async fn what_is_asked_for_is_checked_before_anything_is_stored() {
    let world = World::new().await;
    world.connected(Way::App, "taken", "acct_1").await;
    let reconnect =
        |known: &str, via| Authorize { reconnect: Some(known.into()), name: None, ..asked(via, "") };
    for (asked, code, field) in [
        (asked(Way::ApiKey, "x"), Code::ValidationError, Some("via")),
        (asked(Way::App, " "), Code::ValidationError, Some("name")),
        (asked(Way::App, "taken"), Code::Conflict, Some("name")),
        (Authorize { mode: Mode::Live, ..asked(Way::App, "x") }, Code::ConnectionRequired, Some("mode")),
        (
            Authorize { scope: Some("all".into()), ..asked(Way::Connect, "x") },
            Code::ValidationError,
            Some("scope"),
        ),
        (
            Authorize { redirect_url: Some("https://evil.example".into()), ..asked(Way::App, "x") },
            Code::ValidationError,
            Some("redirectUrl"),
        ),
        (reconnect("nobody", Way::App), Code::NotFound, Some("reconnect")),
        (reconnect("taken", Way::Connect), Code::Conflict, Some("reconnect")),
    ] {
        let refused = world.connections.authorize(world.company, asked).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (code, field), "{}", refused.message);
    }
    assert_eq!(world.connections.list(world.company).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_of_a_link_or_a_token_stands_open_in_the_store() {
    let world = World::new().await;
    let begun = world.link(Way::App, "main").await;
    let stored = format!("{:?}", world.store.authorization(crate_hash(&state(&begun))).await.unwrap());
    assert!(stored.contains("Authorization") && !stored.contains(&state(&begun)));
    world.back(&begun, &world.provider.code("acct_1")).await.unwrap();
    let rows = format!("{:?}", world.store.connections(world.company).await.unwrap());
    for secret in ["sk_acct_", "rt_1", "canary"] {
        assert!(!rows.contains(secret), "{secret}");
    }
}

fn crate_hash(state: &str) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, state.as_bytes());
    digest.as_ref().try_into().unwrap()
}

#[tokio::test]
async fn a_default_that_cannot_be_used_is_never_replaced_by_another_account() {
    let world = World::new().await;
    let main = world.connected(Way::App, "main", "acct_1").await;
    let other = world.connected(Way::App, "other", "acct_2").await;
    assert!(main.is_default && !other.is_default, "the first account alone becomes the default by itself");
    world.pass(Duration::from_secs(2 * 3600));
    world.provider.revoke("acct_1");
    let chosen = world.connections.choose(world.company, Wanted::Default).await.unwrap();
    assert_eq!(world.connections.credential(&chosen).await.unwrap_err().code, Code::ConnectionExpired);
    let chosen = world.connections.choose(world.company, Wanted::Default).await.unwrap();
    assert_eq!(chosen.connection, main.id);
    let third = world.connected(Way::App, "third", "acct_3").await;
    assert!(!third.is_default);
}

#[tokio::test]
async fn a_consent_is_stored_over_whatever_the_connection_has_become() {
    let world = World::new().await;
    let begun = world.link(Way::App, "main").await;
    let edit = crate::Edit { name: Some("renamed".into()), ..crate::Edit::default() };
    let renamed = async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        world.connections.edit(world.company, begun.connection.id, edit).await
    };
    let code = world.provider.code("acct_1");
    let (returned, renamed) = tokio::join!(world.back(&begun, &code), renamed);
    let connection = returned.unwrap().connection;
    assert_eq!((connection.status, renamed.unwrap().name), (ConnectionStatus::Active, "renamed".to_owned()));
    assert_eq!(connection.name, "renamed");
}
