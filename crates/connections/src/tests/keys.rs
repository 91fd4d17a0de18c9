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
