//! What was seen on a server, and what the client makes of it.

use http::{HeaderMap, StatusCode};
use model::{Code, ConnectionStatus, Retry};
use serde_json::{Value, json};

use super::nango::{World, import, imported};
use crate::Exchanged;

/// What a client makes of an answer to its reading a connection.
enum Made {
    Secret(&'static str),
    /// With this code, these words, and this status of the connection.
    Failure(Code, &'static str, ConnectionStatus),
}

use ConnectionStatus::{Active, Error, Expired};
use Made::{Failure, Secret};

fn answered(status: u16, body: &str) -> Exchanged {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", http::HeaderValue::from_static("40"));
    headers.insert("date", http::HeaderValue::from_static("Sun, 22 Nov 2026 18:46:40 GMT"));
    let status = StatusCode::from_u16(status).unwrap();
    Exchanged::Answered { status, headers, body: body.to_owned().into() }
}

/// A connection with these credentials and this configuration.
fn connection(provider: &str, config: &Value, credentials: &Value) -> String {
    json!({"id": 1, "connection_id": "conn-oauth-1", "provider_config_key": provider, "provider": provider,
        "errors": [], "end_user": null, "tags": {"end_user_id": "u-1"}, "metadata": {"tenant": "t1"},
        "connection_config": config, "webhook_url_override": null,
        "created_at": "2026-11-22T18:37:36.168+00:00", "updated_at": "2026-11-22T18:37:36.168+00:00",
        "last_fetched_at": "2026-11-22T18:37:38.758+00:00", "credentials": credentials})
    .to_string()
}

fn error(code: &str, message: &str) -> String {
    json!({"error": {"code": code, "message": message, "payload": {}}}).to_string()
}

/// What Connect's endpoint answered, as Nango keeps it.
fn raw(token: &str) -> Value {
    json!({"access_token": token, "livemode": false, "scope": "read_write",
        "stripe_publishable_key": "pk_test_fake", "stripe_user_id": "acct_1FakeConnected00",
        "token_type": "bearer"})
}

fn oauth(token: &str) -> Value {
    json!({"type": "OAUTH2", "access_token": token, "raw": raw(token)})
}

#[rustfmt::skip]
fn transcripts() -> Vec<(&'static str, u16, String, Made)> {
    let user = json!({"stripe_user_id": "acct_1FakeConnected00"});
    let none = json!({});
    let imported = json!({"type": "OAUTH2", "access_token": "sk_acct_imported_access",
        "raw": {"type": "OAUTH2", "access_token": "sk_acct_imported_access"}});
    let mut with_refresh = imported.clone();
    with_refresh["refresh_token"] = "rt_imported".into();
    let mut app = oauth("sk_acct_fake_26");
    app["expires_at"] = "2026-11-22T19:42:25.999Z".into();
    let mut offset = app.clone();
    offset["expires_at"] = "2026-11-22T19:42:25.999+00:00".into();
    let expired = json!({"type": "OAUTH2", "access_token": "sk_acct_expired",
        "expires_at": "2026-11-22T18:36:28.000Z"});
    let basic = json!({"type": "BASIC", "username": "rk_test_51FakeFakeFakeFake00", "password": ""});
    let live = json!({"type": "OAUTH2", "access_token": "sk_acct_live",
        "raw": {"livemode": true, "stripe_user_id": "acct_1FakeConnected00"}});
    let other = json!({"type": "OAUTH2", "access_token": "sk_acct_other",
        "raw": {"livemode": false, "stripe_user_id": "acct_other"}});
    let context = json!({"context": "acct_1FakeContext000"});
    let auth = |code: &str| error(code, "Authentication failed.");
    let strict = json!({"error": {"code": "invalid_query_params", "errors": [{"code": "unrecognized_keys",
        "message": "Unrecognized key: \"foo\"", "path": []}]}}).to_string();
    let slow = json!({"error": {"code": "too_many_request", "method": "GET", "path": "/integrations"}}).to_string();
    let unreachable = |words| Failure(Code::ConnectionUnreachable, words, Active);
    vec![
        ("no key", 401, auth("missing_auth_header"), unreachable("does not accept this server's key")),
        ("no uuid", 401, auth("invalid_secret_key_format"), unreachable("does not accept this server's key")),
        ("an unknown key", 401, auth("unknown_account"), unreachable("does not accept this server's key")),
        ("too many", 429, slow, unreachable("slow down")),
        ("no scope for credentials", 200, connection("stripe-api-key", &none, &none), unreachable("read_credentials")),
        ("no scope to renew", 403, error("forbidden", "require the environment:connections:read_credentials scope"),
            unreachable("lacks a scope")),
        ("no route", 500, error("generic_error_support", "contact support"), unreachable("500")),
        ("imported", 200, connection("stripe", &user, &imported), Secret("sk_acct_imported_access")),
        ("imported, with its refresh token", 200, connection("stripe", &user, &with_refresh),
            Secret("sk_acct_imported_access")),
        ("connect", 200, connection("stripe", &none, &oauth("sk_acct_fake_20")), Secret("sk_acct_fake_20")),
        ("express", 200, connection("stripe-express", &user, &oauth("sk_acct_fake_23")), Secret("sk_acct_fake_23")),
        ("app", 200, connection("stripe-app", &none, &app), Secret("sk_acct_fake_26")),
        ("app, the other form of times", 200, connection("stripe-app-sandbox", &none, &offset), Secret("sk_acct_fake_26")),
        ("key", 200, connection("stripe-api-key", &none, &basic), Secret("rk_test_51FakeFakeFakeFake00")),
        ("key of a custom provider", 200,
            connection("my-stripe", &none, &json!({"type": "API_KEY", "apiKey": "rk_test_custom"})), Secret("rk_test_custom")),
        ("key for another context", 200, connection("stripe-api-key", &context, &basic),
            Failure(Code::Conflict, "another account", Error)),
        ("none", 200, connection("unauthenticated", &none, &none), Failure(Code::ConnectionRequired, "not of Stripe", Active)),
        ("another provider", 200, connection("github", &none, &oauth("gho_canary")),
            Failure(Code::ConnectionRequired, "not of Stripe", Active)),
        ("expired, nothing to renew with", 200, connection("stripe-app", &none, &expired),
            Failure(Code::ConnectionExpired, "run out", Expired)),
        ("live by now", 200, connection("stripe", &none, &live), Failure(Code::Conflict, "mode", Error)),
        ("another account by now", 200, connection("stripe", &none, &other), Failure(Code::Conflict, "another account", Error)),
        ("an unknown type", 200, connection("stripe", &none, &json!({"type": "TWO_STEP", "token": "canary"})),
            unreachable("TWO_STEP")),
        ("gone", 404, error("not_found", "Failed to find connection"), Failure(Code::ConnectionRequired, "does not have", Expired)),
        ("no integration", 400, error("unknown_provider_config", "Provider does not exists"),
            Failure(Code::ConnectionRequired, "no integration", Active)),
        ("a strict query", 400, strict, unreachable("invalid_query_params")),
        ("a failed renewal", 400, error("invalid_credentials", "The external API returned an error when trying to refresh \
            the access token. Please try again later."), unreachable("rests for 30 s")),
        ("back-off", 424, error("invalid_credentials", "A recent refresh attempt failed. Backing off before retrying."),
            unreachable("rests for 30 s")),
        ("exhausted", 424, error("invalid_credentials", "The refresh limit has been reached for this connection."),
            Failure(Code::ConnectionExpired, "given up", Expired)),
        ("no JSON", 200, "<html>".to_owned(), unreachable("not what it should be")),
        ("a gateway", 502, "<html>".to_owned(), unreachable("502")),
    ]
}

#[tokio::test]
async fn every_answer_that_was_seen_is_understood() {
    for (name, status, body, made) in transcripts() {
        let world = World::new().await;
        let now = "2026-11-22T18:46:40Z".parse().unwrap();
        world.clock.set(now);
        world.there.set(now);
        world.ask("POST", "/connections", imported("stripe", "conn-oauth-1", "sk_acct_1")).await;
        let added =
            world.connections.add_nango(world.company, import("main", "conn-oauth-1", "stripe")).await;
        let row = added.unwrap();
        world.wire.next.lock().unwrap().push_back(answered(status, &body));
        let given = world.secret(&super::binding(&row)).await;
        match made {
            Secret(secret) => assert_eq!(given.unwrap(), secret, "{name}"),
            Failure(code, words, is) => {
                let failure = given.unwrap_err();
                let text = &failure.message;
                assert_eq!(failure.code, code, "{name}: {text}");
                assert!(text.contains(words) && !text.contains("canary"), "{name}: {text}");
                assert_eq!(world.row(&row).await.status, is, "{name}");
                if status == 429 {
                    assert_eq!(failure.retry, Retry::After { after_ms: 40_000 });
                }
            }
        }
    }
}

#[tokio::test]
async fn what_the_stand_in_refuses_is_what_was_seen() {
    let world = World::new().await;
    world.ask("POST", "/connections", imported("stripe", "conn-oauth-1", "sk_acct_1")).await;
    let basic = json!({ "provider_config_key": "stripe-api-key", "connection_id": "x",
        "credentials": { "type": "API_KEY", "apiKey": "sk_test_x" } });
    let one = "/connections/conn-oauth-1";
    for (method, path, key, body, status, code) in [
        ("GET", "/connections", None, json!({}), 401, "missing_auth_header"),
        ("GET", "/connections", Some("not-a-uuid"), json!({}), 401, "invalid_secret_key_format"),
        (
            "GET",
            "/connections",
            Some("33333333-3333-4333-8333-333333333333"),
            json!({}),
            401,
            "unknown_account",
        ),
        ("GET", "/nope", Some(::nango::KEY), json!({}), 500, "generic_error_support"),
        ("GET", one, Some(::nango::KEY), json!({}), 400, "invalid_query_params"),
        ("GET", "/connections?limit=5000", Some(::nango::KEY), json!({}), 400, "invalid_query_params"),
        ("GET", "/connections?foo=1", Some(::nango::KEY), json!({}), 400, "invalid_query_params"),
        ("POST", "/connections", Some(::nango::KEY), basic, 400, "invalid_body"),
        (
            "POST",
            "/connect/sessions",
            Some(::nango::KEY),
            json!({"allowed_integrations": ["stripe"]}),
            400,
            "invalid_body",
        ),
        (
            "POST",
            "/connect/sessions/reconnect",
            Some(::nango::KEY),
            json!({"connection_id": "zzz"}),
            400,
            "invalid_body",
        ),
        (
            "DELETE",
            "/connections/zzz?provider_config_key=stripe",
            Some(::nango::KEY),
            json!({}),
            400,
            "unknown_connection",
        ),
        (
            "GET",
            "/connections/zzz?provider_config_key=stripe",
            Some(::nango::KEY),
            json!({}),
            404,
            "not_found",
        ),
        (
            "GET",
            "/connections/zzz?provider_config_key=nope",
            Some(::nango::KEY),
            json!({}),
            400,
            "unknown_provider_config",
        ),
        (
            "GET",
            "/connections/conn-oauth-1?provider_config_key=stripe&force_refresh=true",
            Some(::nango::KEY_WITHOUT_CREDENTIALS),
            json!({}),
            403,
            "forbidden",
        ),
    ] {
        let mut request = http::Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = world.nango.answer(request.body(body.to_string().into()).unwrap()).await;
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(
            (answer.status().as_u16(), &body["error"]["code"]),
            (status, &json!(code)),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_key_that_may_not_read_credentials_is_named() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    world.settings(|client| client.key = ::nango::KEY_WITHOUT_CREDENTIALS.to_owned().into());
    let refused = world.secret(&binding).await.unwrap_err();
    assert!(refused.message.contains("environment:connections:read_credentials"), "{}", refused.message);
    assert_eq!(world.row(&row).await.status, Active, "it is not the connection's fault");
}
