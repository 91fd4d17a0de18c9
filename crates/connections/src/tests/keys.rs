//! API keys, and Stripe saying whose they are.

use std::sync::Arc;

use model::{Code, ConnectionStatus, Mode};
use serde_json::json;
use stripe::{Answer, Attempt, BoxFuture, Credential, Headers, Request, Transport};
use zeroize::Zeroizing;

use super::authorizing::World;
use crate::{AddKey, Connections};

/// Answers every request alike, and knows which keys came.
struct Says(Attempt, std::sync::Mutex<Vec<String>>);

impl Transport for Says {
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        assert_eq!((request.path.as_str(), request.kind == stripe::Kind::Read), ("/v1/account", true));
        self.1.lock().unwrap().push(credential.expose().to_owned());
        Box::pin(std::future::ready(self.0.clone()))
    }
}

fn answer(status: u16, body: serde_json::Value) -> Attempt {
    Attempt::Answered(Answer { status, headers: Headers::default(), body })
}

fn account(id: &str) -> Attempt {
    answer(200, json!({ "object": "account", "id": id }))
}

fn key(name: &str, key: &str) -> AddKey {
    AddKey {
        name: name.into(),
        key: Zeroizing::new(key.into()),
        mode: None,
        base_url: None,
        anywhere: false,
        is_default: false,
        version: None,
    }
}

fn asking(world: &World, attempt: Attempt) -> (Connections, Arc<Says>) {
    let says = Arc::new(Says(attempt, std::sync::Mutex::default()));
    let transport = says.clone();
    let connections = world
        .connections
        .clone()
        .with_transports(Arc::new(move |_| Ok(transport.clone() as Arc<dyn Transport>)));
    (connections, says)
}

#[tokio::test]
async fn a_key_is_taken_after_stripe_said_whose_it_is() {
    let world = World::new().await;
    let (connections, says) = asking(&world, account("acct_1"));
    let row = connections.add_key(world.company, key("main", " sk_test_1\n")).await.unwrap();
    assert_eq!((row.status, row.mode, row.is_default), (ConnectionStatus::Active, Mode::Test, true));
    assert_eq!(row.account.as_ref().unwrap().as_str(), "acct_1");
    let live = connections.add_key(world.company, key("live", "rk_live_1")).await.unwrap();
    assert_eq!((live.mode, live.is_default), (Mode::Live, false));
    let again = connections.add_key(world.company, key("main", "sk_test_2")).await.unwrap();
    assert_eq!((again.id, again.is_default), (row.id, true));
    assert_eq!(*says.1.lock().unwrap(), ["sk_test_1", "rk_live_1", "sk_test_2"]);
    let (other, _) = asking(&world, account("acct_2"));
    let refused = other.add_key(world.company, key("main", "sk_test_3")).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict, "a connection never changes its account");
}

#[tokio::test]
async fn a_key_that_cannot_work_says_why_and_stores_nothing() {
    let world = World::new().await;
    let error = |kind: &str| json!({ "error": { "type": kind, "message": "no" } });
    for (attempt, text, code) in [
        (account("acct_1"), "pk_test_canary", Code::ValidationError),
        (account("acct_1"), "canary", Code::ValidationError),
        (answer(401, error("invalid_request_error")), "sk_test_canary", Code::ValidationError),
        (answer(403, error("invalid_request_error")), "rk_test_canary", Code::PermissionError),
        (answer(500, error("api_error")), "sk_test_canary", Code::ConnectionUnreachable),
        (
            answer(200, json!({ "object": "customer", "id": "cus_1" })),
            "sk_test_canary",
            Code::ConnectionUnreachable,
        ),
        (Attempt::NeverSent("refused".into()), "sk_test_canary", Code::ConnectionUnreachable),
        (
            answer(200, json!({ "object": "account", "id": "acct_1", "livemode": true })),
            "sk_test_canary",
            Code::ValidationError,
        ),
    ] {
        let (connections, says) = asking(&world, attempt);
        let refused = connections.add_key(world.company, key("main", text)).await.unwrap_err();
        assert_eq!(refused.code, code, "{}", refused.message);
        assert!(!format!("{refused:?}").contains("canary"));
        let asked = says.1.lock().unwrap().len();
        assert_eq!(asked, usize::from(text.starts_with("sk_") || text.starts_with("rk_")));
    }
    let local = AddKey { mode: Some(Mode::Local), ..key("local", "sk_test_1") };
    let (connections, _) = asking(&world, account("acct_1"));
    let refused = connections.add_key(world.company, local).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("baseUrl"));
    assert!(world.connections.list(world.company).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_company_s_own_address_does_not_say_whose_a_key_is() {
    let world = World::new().await;
    let sandbox = "http://127.0.0.1:12111";
    let mut settings = (*world.connections.providers()).clone();
    let client = settings.connect[&Mode::Test].clone();
    settings.connect.insert(Mode::Local, crate::OAuthClient { base_url: sandbox.into(), ..client });
    world.connections.set_providers(settings);
    let (connections, says) = asking(&world, account("acct_of_another"));
    let at = |mode, text: &str, base_url: &str| AddKey {
        mode: Some(mode),
        base_url: Some(base_url.into()),
        ..key(base_url, text)
    };
    for (mode, text, base_url) in [
        (Mode::Live, "sk_live_1", "https://evil.example"),
        (Mode::Test, "sk_test_1", "https://evil.example"),
        (Mode::Test, "sk_test_1", "http://127.0.0.1:9"),
        (Mode::Local, "sk_test_1", "http://127.0.0.1:9"),
    ] {
        let refused = connections.add_key(world.company, at(mode, text, base_url)).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::Forbidden, Some("baseUrl")));
        assert!(says.1.lock().unwrap().is_empty(), "{base_url} was not asked");
        assert!(connections.list(world.company).await.unwrap().is_empty());
    }
    let own = connections.add_key(world.company, at(Mode::Local, "sk_test_1", sandbox)).await.unwrap();
    let proven = |row: &store::Connection| crate::is_proven(&row.kind, row.mode, &row.base_url);
    assert!(proven(&own));
    let stripe = at(Mode::Live, "sk_live_1", "https://api.stripe.com/");
    assert!(proven(&connections.add_key(world.company, stripe).await.unwrap()));
    let proxy = AddKey { anywhere: true, ..at(Mode::Live, "sk_live_1", "https://proxy.example") };
    let proxy = connections.add_key(world.company, proxy).await.unwrap();
    assert!(!proven(&proxy), "the installation's own wish, but no proof");
}
