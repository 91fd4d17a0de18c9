//! API keys, companies, limits and the audit log.

use axum::body::Body;
use http::{Method, StatusCode};
use model::CompanyId;
use serde_json::{Value, json};

use super::{Reply, Server, request};
use crate::{
    KeyLimits, ServerLimits,
    api::companies::purge::{Removed, everything},
};

impl Server {
    /// Asks under a key, for a company if one is named.
    async fn ask(&self, method: Method, path: &str, key: &str, company: Option<&str>, body: Value) -> Reply {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let mut request = request(method, &format!("/api/v1{path}"), Some(key), body);
        if let Some(company) = company {
            request.headers_mut().insert("bursar-company", company.parse().unwrap());
        }
        self.send(request).await
    }

    async fn delete(&self, path: &str) -> Reply {
        self.ask(Method::DELETE, path, &self.key, None, Value::Null).await
    }

    async fn new_key(&self, by: &str, body: Value) -> Reply {
        self.ask(Method::POST, "/keys", by, None, body).await
    }

    async fn audited(&self) -> Vec<Value> {
        self.get("/api/v1/audit?limit=100").await.data().as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_key_is_shown_once_works_until_it_is_revoked_and_both_are_audited() {
    let server = Server::new().await;
    let reply = server.new_key(&server.key, json!({ "name": "ci", "scopes": ["runs:read"] })).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let text = reply.data()["key"].as_str().unwrap().to_owned();
    assert!(text.starts_with("bsk_") && text.len() == 68, "{text}");
    let list = server.get("/api/v1/keys").await;
    assert!(!list.text.contains(&text) && list.text.contains("\"ci\""), "{}", list.text);
    let with = |path: &'static str| server.ask(Method::GET, path, &text, None, Value::Null);
    assert_eq!(with("/runs").await.status, StatusCode::OK);
    assert_eq!(with("/keys").await.status, StatusCode::FORBIDDEN);
    let again = server.new_key(&server.key, json!({ "name": "ci", "scopes": ["runs:read"] })).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(server.delete("/keys/ci").await.data()["revoked"], true);
    assert_eq!(with("/runs").await.status, StatusCode::UNAUTHORIZED);
    let log = server.audited().await;
    assert_eq!(log.iter().map(|e| e["what"].clone()).collect::<Vec<_>>(), ["key.revoked", "key.created"]);
    assert_eq!(log[1]["target"], reply.data()["id"]);
    assert!(!json!(log).to_string().contains(&text));
}

#[tokio::test]
async fn a_key_grants_no_scope_that_it_lacks() {
    let server = Server::new().await;
    let admin = server.key(&["admin"]).await;
    let all: Vec<_> = crate::SCOPES.iter().filter(|scope| **scope != "installation").collect();
    assert_eq!(
        server.new_key(&admin, json!({ "name": "all", "scopes": all })).await.status,
        StatusCode::CREATED
    );
    let reply = server.new_key(&admin, json!({ "name": "more", "scopes": ["installation"] })).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
    // Nor does it take away what it could not give.
    let id = server.app.store.api_keys(server.company).await.unwrap()[0].id;
    let reply = server.ask(Method::DELETE, &format!("/keys/{id}"), &admin, None, Value::Null).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(server.get("/api/v1/keys").await.status, StatusCode::OK, "the key is still there");
}

#[tokio::test]
async fn an_expired_key_is_refused_and_a_bad_request_makes_none() {
    let server = Server::new().await;
    let before = server.app.store.api_keys(server.company).await.unwrap().len();
    for (body, field) in [
        (json!({ "name": "x", "scopes": ["runs:reed"] }), "scopes"),
        (json!({ "name": "x", "scopes": [] }), "scopes"),
        (json!({ "name": " ", "scopes": ["admin"] }), "name"),
        (json!({ "name": "x", "scopes": ["admin"], "expiresAt": "2001-01-01T00:00:00Z" }), "expiresAt"),
    ] {
        let reply = server.new_key(&server.key, body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "validation_error"));
        assert_eq!(reply.body["error"]["field"], field);
    }
    assert_eq!(server.app.store.api_keys(server.company).await.unwrap().len(), before);
    let body = json!({ "name": "x", "scopes": ["admin"], "expiresAt": "2999-01-01T00:00:00Z" });
    let reply = server.new_key(&server.key, body).await;
    let text = reply.data()["key"].as_str().unwrap().to_owned();
    let mut row = server.app.store.api_keys(server.company).await.unwrap().pop().unwrap();
    assert_eq!(row.name, "x");
    row.expires_at = Some(server.app.clock.now());
    server.app.store.commit(store::Unit::interactive(vec![store::Write::PutApiKey(row)])).await.unwrap();
    let reply = server.ask(Method::GET, "/runs", &text, None, Value::Null).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "unauthorized"));
    assert!(reply.text.contains("expired"));
}

#[tokio::test]
async fn an_installation_key_names_its_company_and_others_learn_nothing() {
    let server = Server::new().await;
    let body = json!({ "name": "acme" });
    let acme = server.ask(Method::POST, "/companies", &server.key, None, body.clone()).await;
    let id = acme.data()["id"].as_str().unwrap().to_owned();
    let twice = server.ask(Method::POST, "/companies", &server.key, None, body).await;
    assert_eq!((twice.status, twice.code()), (StatusCode::CONFLICT, "conflict"));
    let new = json!({ "name": "platform", "scopes": ["installation", "admin"] });
    let key = server.new_key(&server.key, new).await.data()["key"].as_str().unwrap().to_owned();

    let connections = |company| server.ask(Method::GET, "/connections", &key, company, Value::Null);
    let none = connections(None).await;
    assert_eq!((none.status, none.code()), (StatusCode::BAD_REQUEST, "validation_error"));
    assert!(none.text.contains("bursar-company") && none.text.contains("/companies"), "{}", none.text);
    for name in ["acme", id.as_str()] {
        assert_eq!(connections(Some(name)).await.data(), &json!([]));
    }
    assert_eq!(connections(Some("default")).await.data().as_array().unwrap().len(), 1);
    let unknown = connections(Some("nobody")).await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "not_found"));

    let own = server.key(&["admin"]).await;
    let foreign = server.ask(Method::GET, "/connections", &own, Some("acme"), Value::Null).await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::NOT_FOUND, "not_found"));
    assert_eq!(
        foreign.body["error"]["message"],
        unknown.body["error"]["message"].as_str().unwrap().replace("nobody", "acme")
    );
    let named = server.ask(Method::GET, "/connections", &own, Some("default"), Value::Null).await;
    assert_eq!(named.status, StatusCode::OK);
}

#[tokio::test]
async fn removing_a_company_removes_everything_of_it_and_says_how_much() {
    let server = Server::new().await;
    let acme = crate::ensure_company(&server.app, "acme").await.unwrap().id;
    server.connect(acme).await;
    let key = crate::issue_key(&server.app, acme, "theirs", &["admin"]).await.unwrap().text;
    let mut call = request(
        Method::POST,
        "/api/v1/actions/stripe.createCustomer",
        Some(&key),
        Body::from(r#"{"config": {"email": "ada@example.com"}}"#),
    );
    call.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
    server.send(call).await.data();
    let sealed = server.app.store.data_keys().await.unwrap().len();

    let reply = server.delete("/companies/acme").await;
    assert_eq!(reply.data()["name"], "acme");
    let removed = &reply.body["meta"]["removed"];
    for (table, rows) in [("api_keys", 1), ("connections", 1), ("intents", 1), ("companies", 1)] {
        assert_eq!(removed[table], rows, "{table}: {removed}");
    }
    let kept = server.app.store.data_keys().await.unwrap();
    assert_eq!(removed["data_keys"].as_u64().unwrap() as usize, sealed - kept.len());
    assert!(kept.iter().all(|row| !row.id.starts_with(&acme.to_string())));
    let after = server.ask(Method::GET, "/runs", &key, None, Value::Null).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.delete("/companies/acme").await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.audited().await[0]["what"], "company.removed");
    let own = server.delete(&format!("/companies/{}", server.company)).await;
    assert_eq!((own.status, own.code()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(server.get("/api/v1/connections").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_company_with_an_open_write_is_removed_only_by_force() {
    let server = Server::new().await;
    let acme: CompanyId = crate::ensure_company(&server.app, "acme").await.unwrap().id;
    let origin = model::Origin::Call {
        action: "stripe.createCustomer".into(),
        key: model::CallerKey::parse("k").unwrap(),
    };
    let intent = store::Intent {
        key: model::IdempotencyKey::from_text("bursar_open"),
        call: model::CallId::new(server.app.clock.as_ref(), server.app.rng.as_ref()),
        origin,
        run: None,
        path: model::StepPath::parse("call").unwrap(),
        generation: 0,
        binding: model::Binding {
            company: acme,
            connection: model::ConnectionId::new(server.app.clock.as_ref(), server.app.rng.as_ref()),
            account: model::AccountId::new("acct_1"),
            mode: model::Mode::Local,
        },
        action: "stripe.createCustomer".into(),
        request: model::Sealed::from_ciphertext(vec![1]),
        first_attempt: server.app.clock.now(),
        state: store::IntentState::Open,
        stripe_request_id: None,
        settled_at: None,
    };
    server.app.store.commit(store::Unit::interactive(vec![store::Write::BeginIntent(intent)])).await.unwrap();
    let reply = server.delete("/companies/acme").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(reply.body["error"]["details"], json!({ "openRuns": 0, "openWrites": 1 }));
    assert!(server.app.store.company("acme").await.unwrap().is_some());
    // Nobody knows what became of it, which is not that nothing did.
    let parked = store::Write::ParkIntent {
        key: model::IdempotencyKey::from_text("bursar_open"),
        known: model::Sealed::from_ciphertext(vec![2]),
    };
    server.app.store.commit(store::Unit::interactive(vec![parked])).await.unwrap();
    let reply = server.delete("/companies/acme").await;
    assert_eq!(reply.body["error"]["details"], json!({ "openRuns": 0, "openWrites": 1 }));
    // One that begins behind the first look is seen by the second, which nothing overtakes.
    let moment = (server.app.clock.as_ref(), server.app.rng.as_ref());
    let entry = |_: Option<&Removed>| {
        let target = (acme.to_string(), "{}".to_owned());
        store::Audited::entry(moment, server.company, None, "company.removing", target)
    };
    let stopped = everything(&server.app, acme, false, entry).await;
    assert!(stopped.is_err());
    assert_eq!(server.app.store.unsettled_intents(acme).await.unwrap(), 1);
    assert_eq!(server.delete("/companies/acme").await.code(), "conflict");
    let reply = server.delete("/companies/acme?force=true").await;
    assert_eq!(reply.body["meta"]["removed"]["intents"], 1);
}

#[tokio::test]
async fn a_key_over_its_limit_is_told_when_to_come_again_and_another_company_goes_on() {
    let keys = KeyLimits { read: 2, write: 1, execute: 1, company: 1 };
    let server = Server::with(ServerLimits { keys: Some(keys), ..ServerLimits::default() }).await;
    assert_eq!(server.get("/api/v1/runs").await.status, StatusCode::OK);
    assert_eq!(server.get("/api/v1/runs").await.status, StatusCode::OK);
    let reply = server.get("/api/v1/runs").await;
    assert_eq!((reply.status, reply.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let after = reply.body["error"]["retry"]["afterMs"].as_u64().unwrap();
    assert!((1..=30_000).contains(&after), "{after}");
    assert_eq!(reply.headers["retry-after"], after.div_ceil(1_000).to_string());
    let sibling = server.key(&["admin"]).await;
    let reply = server.ask(Method::GET, "/runs", &sibling, None, Value::Null).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "the company's share is used up");
    let acme = crate::ensure_company(&server.app, "acme").await.unwrap().id;
    let other = crate::issue_key(&server.app, acme, "theirs", &["admin"]).await.unwrap().text;
    assert_eq!(server.ask(Method::GET, "/runs", &other, None, Value::Null).await.status, StatusCode::OK);
}
