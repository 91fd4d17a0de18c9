//! Nango's hints and imports at the surface. What they lead to is tested with the client.

use std::collections::HashMap;

use axum::body::Body;
use connections::{NangoClient, ProviderSettings};
use http::{Method, StatusCode};
use model::Mode;
use serde_json::json;

use super::{Reply, Server, request};

/// A signed body of a server that was watched.
const BODY: &str = r#"{"authMode":"OAUTH2","connectionId":"c0000000-0000-4000-8000-000000000001","environment":"dev","from":"nango","operation":"creation","provider":"stripe","providerConfigKey":"stripe","success":true,"tags":{"end_user_id":"u-9","organization_id":"o-9"},"type":"auth"}"#;
const KEY: &str = "99999999-9999-4999-8999-999999999999";
const HMAC: &str = "5b1d50cdf90a342c33195ed8fce7d5daaad9cdc43d72b3af71dd1e2f59a66036";
const LEGACY: &str = "ce90997cd6890023028d441d90ea5334528796ca3a3d59968208b234ad9a6451";

async fn server() -> Server {
    let server = Server::new().await;
    let client = NangoClient {
        base_url: "http://127.0.0.1:9".parse().unwrap(),
        key: "k".to_owned().into(),
        webhook_keys: vec![KEY.to_owned().into()],
        integration: "stripe".into(),
        stripe_url: "http://127.0.0.1:12111".into(),
    };
    let nango = HashMap::from([(Mode::Local, client)]);
    server.app.connections.set_providers(ProviderSettings { nango, ..ProviderSettings::default() });
    server
}

async fn hint(server: &Server, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let mut request = request(Method::POST, "/webhooks/nango", None, Body::from(body.to_owned()));
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    server.send(request).await
}

#[tokio::test]
async fn a_hint_needs_the_signature_and_nothing_else() {
    let server = server().await;
    let taken = hint(&server, &[("x-nango-hmac-sha256", HMAC)], BODY).await;
    assert_eq!((taken.status, taken.body), (StatusCode::OK, json!({ "received": true })));
    for headers in [
        vec![],
        vec![("x-nango-signature", LEGACY)],
        vec![("x-nango-hmac-sha256", LEGACY)],
        vec![("x-nango-hmac-sha256", "")],
    ] {
        let refused = hint(&server, &headers, BODY).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "invalid_signature"));
    }
    let large = hint(&server, &[("x-nango-hmac-sha256", HMAC)], &"x".repeat(64 * 1024 + 1)).await;
    assert_eq!(large.code(), "payload_too_large");
}

#[tokio::test]
async fn only_whoever_runs_the_server_imports_from_nango() {
    let server = server().await;
    let body = json!({ "via": "nango", "name": "x", "mode": "local", "nangoConnectionId": "c" });
    for (scopes, code) in [
        (&["connections:write"][..], "forbidden"),
        (&["admin"], "forbidden"),
        (&["admin", "installation"], "connection_unreachable"),
    ] {
        let key = server.key(scopes).await;
        let add = request(Method::POST, "/api/v1/connections", Some(&key), Body::from(body.to_string()));
        assert_eq!(server.send(add).await.code(), code, "{scopes:?}");
    }
}

#[tokio::test]
async fn a_field_of_another_way_is_refused_by_name() {
    let server = server().await;
    for (body, field) in [
        (json!({ "name": "x" }), "apiKey"),
        (json!({ "name": "x", "apiKey": "sk_test_1", "integration": "stripe" }), "integration"),
        (json!({ "name": "x", "apiKey": "sk_test_1", "nangoConnectionId": "c" }), "nangoConnectionId"),
        (json!({ "name": "x", "via": "nango" }), "nangoConnectionId"),
        (json!({ "name": "x", "via": "nango", "nangoConnectionId": "c", "apiKey": "sk_test_1" }), "apiKey"),
        (json!({ "name": "x", "via": "connect" }), "via"),
        (json!({ "name": "x", "via": "paypal" }), "via"),
    ] {
        let refused = server.post("/api/v1/connections", None, body).await;
        assert_eq!((refused.code(), &refused.body["error"]["field"]), ("validation_error", &json!(field)));
    }
}
