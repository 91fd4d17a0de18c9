//! What was seen on a server besides reading a connection: sessions, lists, deletions,
//! integrations and webhooks on the client's side; imports and renewals on the stand-in's.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use model::{Code, ConnectionStatus};
use serde_json::{Value, json};

use super::nango::{World, asked, imported, path};
use crate::{Authorize, Exchanged};

fn answered(status: u16, body: &Value) -> Exchanged {
    let (status, headers) = (StatusCode::from_u16(status).unwrap(), HeaderMap::new());
    Exchanged::Answered { status, headers, body: body.to_string().into() }
}

fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

/// A session, as it is answered.
fn session() -> Value {
    json!({ "data": { "token": "nango_connect_session_x",
        "connect_link": "http://connect.nango.example/?session_token=nango_connect_session_x",
        "expires_at": "2027-03-01T10:00:00.026Z" } })
}

fn integration(provider: &str) -> Value {
    json!({ "data": { "unique_key": "mine", "provider": provider, "display_name": "Stripe", "logo": "",
        "webhook_url": null, "forward_webhooks": true, "created_at": "2027-02-01T10:00:00.000Z" } })
}

#[tokio::test]
async fn every_answer_to_a_session_is_understood() {
    let around = "http://nango.example/oauth/connect/stripe?connect_session_token=nango_connect_session_x";
    let scope = error("forbidden", "Insufficient scope. Required: environment:integrations:read");
    for (status, looked_up, headless) in [
        (200, integration("stripe"), Some(around)),
        (200, integration("stripe-app"), Some(around)),
        (200, integration("stripe-api-key"), None),
        (200, integration("github"), None),
        (403, scope, None),
        (404, error("not_found", "Integration does not exist"), None),
        (500, json!("<html>"), None),
    ] {
        let world = World::new().await;
        world.wire.next.lock().unwrap().extend([answered(201, &session()), answered(status, &looked_up)]);
        let begun = world.link("main", "stripe").await;
        assert_eq!(begun.url.as_str(), session()["data"]["connect_link"].as_str().unwrap());
        assert_eq!(begun.expires_at.to_string(), "2027-03-01T10:00:00.026Z");
        assert_eq!(begun.headless_url.as_ref().map(url::Url::as_str), headless, "{looked_up}");
        assert!(!format!("{begun:?}").contains("nango_connect_session"), "whoever has it can use it");
    }
}

#[tokio::test]
async fn every_refusal_of_a_session_is_told_apart() {
    let nowhere = json!({ "error": { "code": "invalid_body", "errors": [{ "code": "custom",
        "message": "Integration does not exist", "path": ["allowed_integrations", "0"] }] } });
    let odd = json!({ "error": { "code": "invalid_body", "errors": [{ "code": "invalid_type",
        "message": "Invalid input: expected object, received undefined", "path": ["end_user"] }] } });
    let scope = error("forbidden", "Insufficient scope. Required: environment:connect_sessions:write");
    for (status, body, code, says) in [
        (400, nowhere, Code::ValidationError, "no integration of that name"),
        (400, odd, Code::ConnectionUnreachable, "invalid_body"),
        (403, scope, Code::ConnectionUnreachable, "connect_sessions:write"),
        (
            401,
            error("unknown_account", "Authentication failed."),
            Code::ConnectionUnreachable,
            "this server's key",
        ),
        (201, json!({ "data": {} }), Code::ConnectionUnreachable, "without a link"),
    ] {
        let world = World::new().await;
        world.wire.next.lock().unwrap().push_back(answered(status, &body));
        let refused = world.connections.authorize(world.company, asked("main", "stripe")).await.unwrap_err();
        assert_eq!(refused.code, code, "{}", refused.message);
        assert!(refused.message.contains(says), "{}", refused.message);
        assert!(world.connections.list(world.company).await.unwrap().is_empty(), "{says}");
    }
}

#[tokio::test]
async fn what_nango_has_no_more_is_connected_anew_under_the_same_id() {
    let world = World::new().await;
    let (row, _) = world.connected("stripe").await;
    let gone = error("invalid_body", "ConnectionID or IntegrationId does not exists");
    let answers = [answered(400, &gone), answered(201, &session()), answered(200, &integration("stripe"))];
    world.wire.next.lock().unwrap().extend(answers);
    let again = Authorize { reconnect: Some("main".into()), name: None, ..asked("", "stripe") };
    let begun = world.connections.authorize(world.company, again).await.unwrap();
    assert_eq!(begun.connection.id, row.id);
    assert!(begun.headless_url.is_some());
}

#[tokio::test]
async fn a_list_is_read_as_it_is_answered_and_the_newest_is_tried_first() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    let item = |id: &str, created: &str, tags: Value| {
        json!({ "id": 7, "connection_id": id, "provider_config_key": "stripe", "provider": "stripe", "errors": [],
            "end_user": null, "tags": tags, "metadata": null, "created": created })
    };
    let (row, company) = (begun.connection.id.to_string(), world.company.to_string());
    let ours = json!({ "bursar_connection": row, "bursar_company": company, "end_user_id": company });
    let foreign = json!({ "bursar_connection": row, "bursar_company": "co_another" });
    let listed = json!({ "connections": [
        item("old", "2026-11-22T18:37:36.168+00:00", ours.clone()),
        item("foreign", "2026-11-22T19:37:36.168+00:00", foreign),
        item("new", "2026-11-22T18:47:44.049+00:00", ours),
    ] });
    world.ask("POST", "/connections", imported("stripe", "new", "sk_acct_new")).await;
    world.ask("POST", "/connections", imported("stripe", "old", "sk_acct_old")).await;
    world.wire.next.lock().unwrap().push_back(answered(200, &listed));
    assert_eq!(world.connections.look_for_authorized().await, 1);
    let row = world.row(&begun.connection).await;
    assert_eq!(world.secret(&super::binding(&row)).await.unwrap(), "sk_acct_new");
    // One that is empty, and one that is none.
    for body in [json!({ "connections": [] }), json!({}), json!([])] {
        let world = World::new().await;
        let begun = world.link("main", "stripe").await;
        world.wire.next.lock().unwrap().push_back(answered(200, &body));
        assert_eq!(world.connections.look_for_authorized().await, 0, "{body}");
        assert_eq!(world.row(&begun.connection).await.status, ConnectionStatus::Pending);
    }
}

#[tokio::test]
async fn every_answer_to_a_deletion_is_understood() {
    let unknown = json!({ "error": { "code": "unknown_connection" } });
    let scope = error("forbidden", "Insufficient scope. Required: environment:connections:delete");
    for (status, body, told) in [
        (200, json!({ "success": true }), true),
        (400, unknown, true),
        (404, error("not_found", "Failed to find connection"), true),
        (403, scope, false),
        (500, error("generic_error_support", "contact support"), false),
    ] {
        let world = World::new().await;
        let (row, binding) = world.connected("stripe").await;
        world.wire.next.lock().unwrap().push_back(answered(status, &body));
        let ended = world.connections.disconnect(world.company, row.id).await.unwrap();
        assert_eq!(ended.provider_told.is_some_and(|told| told.is_ok()), told, "{status} {body}");
        assert_eq!(world.row(&row).await.status, ConnectionStatus::Disconnected);
        assert!(world.secret(&binding).await.is_err(), "whatever Nango said");
    }
}

#[tokio::test]
async fn every_kind_of_webhook_is_verified_and_only_a_hint() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    let before = world.row(&row).await;
    let id = path(&row)["/connections/".len()..].split('?').next().unwrap().to_owned();
    let auth = |operation: &str, success: bool, id: &str| {
        json!({ "authMode": "OAUTH2", "connectionId": id, "environment": "prod", "from": "nango",
            "operation": operation, "provider": "stripe", "providerConfigKey": "stripe", "success": success,
            "type": "auth" })
    };
    let mut failed = auth("refresh", false, &id);
    failed["error"] = json!({ "type": "refresh_token_external_error", "description": "it said no" });
    let mut denied = auth("creation", false, "never-was");
    denied["error"] = json!({ "type": "invalid_callback", "description": "access_denied" });
    let payload = json!({ "a": 1.5, "type": "invoice.paid", "connectionId": id });
    let forwarded = json!({ "from": "unauthenticated", "type": "forward", "connectionId": id,
        "providerConfigKey": "stripe", "payload": payload });
    for (body, about) in [
        (auth("creation", true, &id), true),
        (auth("override", true, &id), true),
        (failed, true),
        (denied, false),
        (forwarded, false),
        (json!({ "type": "invoice.paid", "connectionId": id, "a": [{ "b": 2 }] }), false),
        (json!("text"), false),
    ] {
        let delivery = world.nango.signed(&body);
        let told = world.tell(&delivery.hmac, &delivery.body).await.unwrap();
        assert_eq!(told, about.then_some(row.id), "{body}");
        // The form of old can be lengthened by anybody who has seen one.
        assert!(world.tell(&delivery.legacy, &delivery.body).await.is_err(), "{body}");
        assert_eq!(world.row(&row).await, before, "a hint changes nothing by itself: {body}");
        assert!(world.secret(&binding).await.is_ok(), "{body}");
    }
}

#[tokio::test]
async fn a_stripe_event_at_nangos_address_is_taken_and_gone() {
    let world = World::new().await;
    let request = http::Request::post("/webhook/44444444-4444-4444-8444-444444444444/stripe")
        .header("stripe-signature", "t=1,v1=abc")
        .body(bytes::Bytes::from(r#"{"id":"evt_1","type":"invoice.paid"}"#));
    let answer = world.nango.answer(request.unwrap()).await;
    assert_eq!((answer.status().as_u16(), answer.body().len()), (204, 0));
    world.nango.delivered().await;
    assert!(world.told.take().is_empty(), "nothing is forwarded");
}

#[tokio::test]
async fn the_stand_in_imports_overrides_and_lists_as_was_seen() {
    let world = World::new().await;
    let made = world.ask("POST", "/connections", imported("stripe", "one", "sk_acct_one")).await;
    assert_eq!(made["credentials"]["refresh_token"], "rt_imported", "whoever made it is told all of it");
    assert!(made["created_at"].as_str().unwrap().ends_with('Z'), "{made}");
    assert_eq!(made["credentials"]["raw"]["access_token"], "sk_acct_one");
    let read = world.ask("GET", "/connections/one?provider_config_key=stripe", Value::Null).await;
    assert!(read["created_at"].as_str().unwrap().ends_with("+00:00"), "{read}");
    assert!(
        read["credentials"]["refresh_token"].is_null()
            && read["credentials"]["raw"]["refresh_token"].is_null()
    );
    let all =
        world.ask("GET", "/connections/one?provider_config_key=stripe&refresh_token=true", Value::Null).await;
    assert_eq!(all["credentials"]["refresh_token"], "rt_imported");

    let key = |text: &str, config: Value| {
        let credentials = json!({ "type": "BASIC", "username": text, "password": "" });
        json!({ "provider_config_key": "stripe-api-key", "connection_id": "two", "credentials": credentials,
            "connection_config": config, "end_user": { "id": "u-2", "email": "u2@example.com" } })
    };
    let first = world.ask("POST", "/connections", key("rk_test_1", json!({ "context": "acct_9" }))).await;
    assert_eq!(first["connection_config"]["context"], "acct_9");
    assert_eq!(first["tags"], json!({ "end_user_id": "u-2", "end_user_email": "u2@example.com" }));
    let again = world.ask("POST", "/connections", key("rk_test_2", Value::Null)).await;
    assert_eq!(
        (&again["id"], &again["connection_config"]),
        (&first["id"], &json!({})),
        "replaced, not merged"
    );

    let list = async |query: &str| world.ask("GET", &format!("/connections{query}"), Value::Null).await;
    let ids = |list: Value| -> Vec<String> {
        let all = list["connections"].as_array().unwrap().clone();
        assert!(all.iter().all(|one| one["created"].is_string() && one["created_at"].is_null()), "{all:?}");
        assert!(all.iter().all(|one| one["credentials"].is_null() && one["connection_config"].is_null()));
        all.iter().map(|one| one["connection_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(list("").await), ["two", "one"], "newest first");
    assert_eq!(ids(list("?integrationId=stripe,stripe-app&limit=1&page=0").await), ["one"]);
    assert!(ids(list("?limit=2&page=99").await).is_empty());
    assert_eq!(ids(list("?tags[end_user_id]=u-2").await), ["two"]);

    let metadata = json!({ "connection_id": "one", "provider_config_key": "stripe", "metadata": { "x": 1 } });
    world.ask("PATCH", "/connections/metadata", metadata).await;
    world.ask("PATCH", "/connections/one?provider_config_key=stripe", json!({ "tags": { "a": "b" } })).await;
    let changed = world.ask("GET", "/connections/one?provider_config_key=stripe", Value::Null).await;
    assert_eq!((&changed["tags"], &changed["metadata"]["x"]), (&json!({ "a": "b" }), &json!(1)));
}

#[tokio::test]
async fn a_session_of_the_stand_in_works_more_than_once_and_only_for_what_it_allows() {
    let world = World::new().await;
    let begun = world.link("main", "stripe-api-key").await;
    let token = super::nango::token(&begun);
    let path = format!("/api-auth/basic/stripe-api-key?connect_session_token={token}");
    let key = json!({ "username": "rk_test_1", "password": "" });
    let [one, two] = [world.ask("POST", &path, key.clone()).await, world.ask("POST", &path, key).await];
    assert_ne!(one["connectionId"], two["connectionId"]);
    let other = format!("/oauth/connect/stripe?connect_session_token={token}");
    let refused = world.nango.answer(http::Request::get(other).body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(refused.status(), 400);
    assert!(String::from_utf8_lossy(refused.body()).contains("integration_not_allowed"));
    world.pass(Duration::from_secs(31 * 60));
    let late = http::Request::post(path).body(bytes::Bytes::from("{}")).unwrap();
    assert_eq!(world.nango.answer(late).await.status(), 401, "after half an hour it is over");
}

#[tokio::test]
async fn the_stand_in_renews_early_backs_off_and_gives_up_as_was_seen() {
    let world = World::new().await;
    let (row, _) = world.connected("stripe-app").await;
    let get = async |more: &str| {
        let request = http::Request::get(format!("{}{more}", path(&row)));
        let request = request.header("authorization", format!("Bearer {}", ::nango::KEY));
        let answer = world.nango.answer(request.body(bytes::Bytes::new()).unwrap()).await;
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        (answer.status().as_u16(), body)
    };
    // Twenty at once are one renewal; three in turn are three.
    let at_once = futures_util::future::join_all((0..20).map(|_| get("&force_refresh=true"))).await;
    assert!(at_once.iter().all(|(status, body)| (*status, body) == (200, &at_once[0].1)));
    assert_eq!(world.tokens.asked().len(), 2);
    for n in 3..6 {
        get("&force_refresh=true").await;
        assert_eq!(world.tokens.asked().len(), n);
    }
    // With ten minutes left a plain reading renews it.
    world.pass(Duration::from_secs(50 * 60));
    let (status, early) = get("").await;
    assert_eq!((status, world.tokens.asked().len()), (200, 6), "{early}");
    // When that fails there is no token, although the old one works.
    world.pass(Duration::from_secs(50 * 60));
    world.tokens.refuse(true);
    let (status, failed) = get("").await;
    assert_eq!((status, &failed["error"]["code"]), (400, &json!("invalid_credentials")));
    assert_eq!(failed["error"]["payload"]["connection"]["credentials"], json!({}));
    let (status, resting) = get("").await;
    assert!(
        status == 424 && resting["error"]["message"].as_str().unwrap().contains("Backing off"),
        "{resting}"
    );
    world.tokens.refuse(false);
    assert_eq!(get("&force_refresh=true").await.0, 200, "by force at once");
}

#[tokio::test]
async fn a_look_at_nango_says_what_is_wrong_with_it_and_touches_nothing() {
    let world = World::new().await;
    let look = async || {
        let checked = world.connections.check_nango(model::Mode::Test).await.unwrap();
        let wrong = checked.iter().find(|one| !one.ok).map(|one| (one.what, one.says.clone()));
        (checked.len(), wrong)
    };
    let sound = look().await;
    assert_eq!(sound.1, None);
    world.settings(|client| client.key = ::nango::KEY_WITHOUT_CREDENTIALS.to_owned().into());
    let (_, wrong) = look().await;
    assert!(wrong.is_some_and(|(what, says)| what == "credentials" && says.contains("read_credentials")));
    world.settings(|client| client.key = "33333333-3333-4333-8333-333333333333".to_owned().into());
    let (count, wrong) = look().await;
    assert!(wrong.is_some_and(|(what, says)| what == "key" && says.contains("does not accept")));
    assert!(count < sound.0, "what cannot be looked at then is left out");
    world.settings(|client| client.key = ::nango::KEY.to_owned().into());
    for (integration, says) in [("nope", "no integration"), ("unauth", "not of Stripe")] {
        world.settings(|client| client.integration = integration.into());
        let (_, wrong) = look().await;
        assert!(wrong.is_some_and(|(what, said)| what == "integration" && said.contains(says)), "{says}");
    }
    world.settings(|client| client.integration = "stripe".into());
    let there = model::Clock::now(&*world.there).as_second();
    world.clock.set(model::seconds(there + 3_600));
    let (_, wrong) = look().await;
    assert!(wrong.is_some_and(|(what, says)| what == "clock" && says.contains("3600 s ahead of")));
    world.wire.is_down.store(true, std::sync::atomic::Ordering::Relaxed);
    let (_, wrong) = look().await;
    assert!(wrong.is_some_and(|(what, _)| what == "nango"));
    assert!(world.connections.check_nango(model::Mode::Live).await.is_err(), "there are no settings for it");
    assert!(
        world.tokens.asked().is_empty() && world.connections.list(world.company).await.unwrap().is_empty()
    );
}
