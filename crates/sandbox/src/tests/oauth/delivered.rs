//! Who hears of connected accounts.

use serde_json::json;
use stripe::signature::{self, Secret};

use super::*;
use crate::tests::client::quiet;

async fn hook(
    sandbox: &Sandbox,
    account: Option<&AccountId>,
    port: u16,
    connect: bool,
    version: Option<&str>,
) -> Value {
    let url = format!("http://127.0.0.1:{port}/");
    let mut form = vec![("url", url.as_str()), ("enabled_events[0]", "*")];
    if connect {
        form.push(("connect", "true"));
    }
    form.extend(version.map(|version| ("api_version", version)));
    let (status, made) =
        api(sandbox, &sandbox.secret_key(), account, "POST", "/v1/webhook_endpoints", &form).await;
    assert_eq!(status, 200, "{made}");
    made
}

#[tokio::test]
async fn a_connect_endpoint_hears_of_connected_accounts_and_of_nothing_else() {
    let (sandbox, _) = quiet(7).await;
    let (account, _) = connected(&sandbox, Connect).await;
    let platforms = hook(&sandbox, None, 1, true, None).await;
    hook(&sandbox, None, 2, false, None).await;
    hook(&sandbox, Some(&account), 3, false, None).await;
    hook(&sandbox, None, 4, true, Some("2024-09-30.acacia")).await;
    assert_eq!(platforms["application"], json!(sandbox.oauth().client_id(Connect)));
    for who in [None, Some(&account)] {
        api(&sandbox, &sandbox.secret_key(), who, "POST", "/v1/customers", &[]).await;
    }
    let sent = sandbox.due_deliveries();
    let seen: Vec<(&str, Value, Value)> = sent
        .iter()
        .map(|one| {
            let body: Value = serde_json::from_str(&one.body).unwrap();
            (one.url.as_str(), body["account"].clone(), body["api_version"].clone())
        })
        .collect();
    let pinned = json!(stripe::PINNED.as_str());
    assert_eq!(
        seen,
        [
            ("http://127.0.0.1:2/", Value::Null, pinned.clone()),
            ("http://127.0.0.1:3/", Value::Null, pinned.clone()),
            ("http://127.0.0.1:1/", json!(account), pinned),
            ("http://127.0.0.1:4/", json!(account), json!("2024-09-30.acacia")),
        ]
    );
    let secret = [Secret::new(platforms["secret"].as_str().unwrap()).unwrap()];
    let at = sandbox.inner.shared.clock.sending_time();
    signature::verify(
        sent[2].signature.as_bytes(),
        sent[2].body.as_bytes(),
        &secret,
        at,
        signature::TOLERANCE,
    )
    .unwrap();
    let event = &sandbox.oauth().objects(&account, "event").pop().unwrap();
    assert_eq!((&event["pending_webhooks"], event.get("account")), (&json!(3), None));
    for one in sent {
        sandbox.carried(one.id, 200);
    }
    assert_eq!(sandbox.oauth().objects(&account, "event").pop().unwrap()["pending_webhooks"], 0);
}

#[tokio::test]
async fn the_end_of_a_permission_reaches_the_platform() {
    let (sandbox, _) = quiet(7).await;
    hook(&sandbox, None, 1, true, None).await;
    for kind in KINDS {
        let (account, _) = connected(&sandbox, kind).await;
        sandbox.oauth().revoke(&account).await;
        let told: Vec<Value> =
            sandbox.due_deliveries().iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect();
        let kinds: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["account.application.authorized", "account.application.deauthorized"]);
        assert!(told.iter().all(|event| event["account"] == json!(account)));
    }
}
