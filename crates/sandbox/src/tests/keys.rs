//! Restricted keys, and a secret key that is rolled.

use serde_json::{Value, json};

use super::{
    client::{id, quiet},
    oauth::{api, bearer, reaches},
};
use crate::{
    Sandbox, keys, registry,
    wire::{Incoming, Outgoing},
};

/// A command to the sandbox over a socket.
async fn steer(sandbox: &Sandbox, verb: &str, path: &str, body: Value) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(verb.as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    let url = format!("{}{path}", sandbox.url().unwrap());
    let answer = client.request(method, url).body(body.to_string()).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn every_operation_asks_for_its_permission_by_name_before_anything_else() {
    let (sandbox, _) = quiet(7).await;
    let nothing = sandbox.restricted_key(&[]).await.unwrap();
    for row in registry::RESOURCES.iter().copied().flatten() {
        let operation = stripe::tables::operation(row.id).unwrap();
        let path: String = operation
            .path
            .split('/')
            .map(|s| if s.starts_with('{') { "x" } else { s })
            .collect::<Vec<_>>()
            .join("/");
        let method = operation.method.as_str().to_owned();
        let ask = |key: String| {
            let (method, path, sandbox) = (method.clone(), path.clone(), &sandbox);
            async move {
                match sandbox.raw(Incoming { method, path, heads: bearer(&key), ..Incoming::default() }).await
                {
                    Outgoing::Answer(reply) => (reply.status, reply.body),
                    other => panic!("{other:?}"),
                }
            }
        };
        let (status, body) = ask(nothing.clone()).await;
        let needed = keys::needed(operation).unwrap();
        assert_eq!(status, 403, "{}", row.id);
        assert!(body.contains(&format!("'{}'", needed.stripes_name("rak_"))), "{}: {body}", row.id);
        assert!(!body.contains(&nothing) && body.contains(sandbox.account().as_str()));
        let level = if needed.writes() { "write" } else { "read" };
        let enough = sandbox.restricted_key(&[(needed.permission, level)]).await.unwrap();
        assert_ne!(ask(enough.clone()).await.0, 403, "{}", row.id);
        let made = sandbox.inner.shared.core().state.issued.find(&enough).unwrap().id.clone();
        let over = vec![keys::Change::Deleted { id: made }];
        let record = crate::state::Record { issued: over, ..Default::default() };
        sandbox.inner.shared.commit(record).await.unwrap();
        assert_eq!(ask(enough).await.0, 401, "{}", row.id);
    }
}

#[tokio::test]
async fn writing_includes_reading_and_nothing_more() {
    let (sandbox, _) = quiet(7).await;
    let key = sandbox.restricted_key(&[("customers", "write"), ("invoices", "read")]).await.unwrap();
    let made = api(&sandbox, &key, None, "POST", "/v1/customers", &[]).await;
    assert_eq!(made.0, 200);
    assert_eq!(reaches(&sandbox, &key, None).await.0, 200);
    assert_eq!(api(&sandbox, &key, None, "GET", "/v1/invoices", &[]).await.0, 200);
    let customer = id(&made.1);
    let (status, body) = api(&sandbox, &key, None, "POST", "/v1/invoices", &[("customer", &customer)]).await;
    let error = &body["error"];
    assert_eq!((status, &error["type"], error.get("code")), (403, &json!("invalid_request_error"), None));
    assert!(error["message"].as_str().unwrap().contains("'rak_invoice_write'"), "{body}");
    assert!(sandbox.objects("invoice").is_empty());
    for wrong in [("customer", "write"), ("customers", "all"), ("", "read")] {
        assert!(sandbox.restricted_key(&[wrong]).await.is_err(), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_rolled_key_is_over_and_the_new_one_works() {
    let (sandbox, _) = quiet(7).await;
    let old = sandbox.secret_key();
    let new = sandbox.roll_secret_key().await.unwrap();
    assert_eq!(sandbox.secret_key(), new);
    assert_eq!(reaches(&sandbox, &old, None).await, (401, json!("api_key_expired")));
    assert_eq!(reaches(&sandbox, &new, None).await.0, 200);
}

#[tokio::test]
async fn keys_and_oauth_are_steered_over_http() {
    let sandbox = super::start().await;
    let (status, made) =
        steer(&sandbox, "POST", "/_sandbox/keys", json!({"permissions": {"balance": "read"}})).await;
    assert_eq!(status, 200, "{made}");
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("rk_test_"));
    let (_, list) = steer(&sandbox, "GET", "/_sandbox/keys", json!({})).await;
    assert_eq!(list["data"][0]["permissions"], json!({"balance": "read"}));
    assert!(!list.to_string().contains(&key), "its text shows once");
    let path = format!("/_sandbox/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(steer(&sandbox, "DELETE", &path, json!({})).await.0, 200);
    assert_eq!(steer(&sandbox, "DELETE", &path, json!({})).await.0, 404);
    assert_eq!(api(&sandbox, &key, None, "GET", "/v1/balance", &[]).await.0, 401);
    let (_, rolled) = steer(&sandbox, "POST", "/_sandbox/keys/roll", json!({})).await;
    assert_eq!(rolled["secret_key"], json!(sandbox.secret_key()));

    let (_, account) = steer(&sandbox, "POST", "/_sandbox/oauth/accounts", json!({"name": "Ada"})).await;
    let asked = json!({"account": account["id"], "client": "connect", "scope": "read_only"});
    let (status, consent) = steer(&sandbox, "POST", "/_sandbox/oauth/authorize", asked).await;
    assert_eq!((status, &consent["account"]), (200, &account["id"]));
    let code = consent["code"].as_str().unwrap();
    super::oauth::exchanged(&sandbox, crate::OAuthKind::Connect, code).await;
    let (_, shown) = steer(&sandbox, "GET", "/_sandbox/oauth", json!({})).await;
    assert_eq!(
        shown["accounts"],
        json!([{"id": account["id"], "name": "Ada", "connect": true, "app": false}])
    );
    assert_eq!(shown["exchanges"][0]["outcome"], "granted");
    let (_, about) = steer(&sandbox, "GET", "/_sandbox", json!({})).await;
    assert_eq!(about["client_ids"]["connect"], shown["connect"]["client_id"]);
    let gone = json!({"account": account["id"]});
    let (status, revoked) = steer(&sandbox, "POST", "/_sandbox/oauth/revoke", gone).await;
    assert_eq!((status, &revoked["revoked"]), (200, &json!(["connect"])));
    assert_eq!(steer(&sandbox, "POST", "/_sandbox/oauth/revoke", json!({"account": "acct_x"})).await.0, 404);

    let settings =
        json!({"redirect_uris": ["https://a.example/b"], "app_permissions": {"customers": "read"}});
    assert_eq!(steer(&sandbox, "POST", "/_sandbox/oauth", settings).await.0, 200);
    for wrong in
        [json!({"redirect_uris": ["x"]}), json!({"redirects": []}), json!({"app_permissions": {"x": "read"}})]
    {
        assert_eq!(steer(&sandbox, "POST", "/_sandbox/oauth", wrong.clone()).await.0, 400, "{wrong}");
    }
    let (_, tokens) = super::oauth::connected(&sandbox, crate::OAuthKind::App).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(reaches(&sandbox, access, None).await.0, 200);
    let (status, body) = api(&sandbox, access, None, "POST", "/v1/customers", &[]).await;
    assert_eq!(status, 403);
    assert!(body["error"]["message"].as_str().unwrap().contains("'customer_write'"), "{body}");
}

#[tokio::test]
async fn only_its_own_secret_key_steers_a_sandbox_that_others_reach() {
    let listen = Some(std::net::SocketAddr::from(([0, 0, 0, 0], 0)));
    let options = crate::Options { listen, ..crate::Options::default() };
    let sandbox = crate::Watched::open(options).await.unwrap();
    let restricted = sandbox.restricted_key(&[("customers", "write")]).await.unwrap();
    let (account, tokens) = super::oauth::connected(&sandbox, crate::OAuthKind::Connect).await;
    let owners = sandbox.oauth().secret_key_of(&account).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    let ask = |key: Option<&str>| {
        let request = client.get(format!("{}/_sandbox/keys", sandbox.url().unwrap()));
        key.map_or(request.try_clone().unwrap(), |key| request.bearer_auth(key)).send()
    };
    for key in [None, Some(&*restricted), Some(&*owners), tokens["access_token"].as_str()] {
        assert_eq!(ask(key).await.unwrap().status(), 401, "{key:?}");
    }
    assert_eq!(ask(Some(&sandbox.secret_key())).await.unwrap().status(), 200);
}
