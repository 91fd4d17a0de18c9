//! Credentials from Nango over time: kept, renewed, missing.

use std::{sync::atomic::Ordering, time::Duration};

use model::{Code, ConnectionStatus, Failure, Retry};
use serde_json::json;

use super::nango::{ACCOUNT, World, import, imported, path};

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

fn refusal() -> Failure {
    Failure::new(Code::AuthenticationError, "no")
}

#[tokio::test]
async fn two_hundred_callers_at_expiry_cause_one_fetch() {
    let world = World::new().await;
    let (_, binding) = world.connected("stripe-app").await;
    world.pass(90 * MINUTE);
    let (before, asked) = (world.reads(), world.tokens.asked().len());
    let calls = (0..200).map(|_| world.secret(&binding));
    for given in futures_util::future::join_all(calls).await {
        assert_eq!(given.unwrap(), "sk_acct_fake_2");
    }
    assert_eq!((world.reads() - before, world.tokens.asked().len() - asked), (1, 1));
}

#[tokio::test]
async fn two_hundred_callers_of_a_nango_that_is_down_ask_it_once() {
    let world = World::new().await;
    let (_, binding) = world.connected("stripe-app").await;
    world.pass(90 * MINUTE);
    world.nango.set_limit(0);
    let before = world.reads();
    let calls = (0..200).map(|_| world.secret(&binding));
    for given in futures_util::future::join_all(calls).await {
        assert_eq!(given.unwrap_err().code, Code::ConnectionUnreachable);
    }
    assert_eq!(world.reads() - before, 1);
}

#[tokio::test]
async fn a_credential_is_kept_five_minutes_and_never_past_its_end() {
    let world = World::new().await;
    let (_, binding) = world.connected("stripe").await;
    let before = world.reads();
    for (pass, reads) in [(SECOND, 1), (4 * MINUTE, 1), (MINUTE, 2), (SECOND, 2)] {
        world.pass(pass);
        world.secret(&binding).await.unwrap();
        assert_eq!(world.reads() - before, reads);
    }
    let world = World::new().await;
    let (row, binding) = world.connected("stripe-app").await;
    world.tokens.refuse(true);
    world.secret(&binding).await.unwrap();
    world.pass(59 * MINUTE);
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1", "it has a minute left");
    world.pass(MINUTE);
    let ended = world.secret(&binding).await.unwrap_err();
    assert_eq!(ended.code, Code::ConnectionUnreachable, "{}", ended.message);
    assert_eq!(world.row(&row).await.status, ConnectionStatus::Active, "Nango may renew it later");
    world.tokens.refuse(false);
    world.pass(MINUTE);
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_2");
}

#[tokio::test]
async fn a_refused_token_is_fetched_plainly_before_it_is_renewed_by_force() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    // Somebody else has it renewed.
    world.ask("GET", &format!("{}&force_refresh=true", path(&row)), json!({})).await;
    world.connections.refused(&binding, &used, refusal()).await.unwrap();
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_2");
    assert_eq!(world.tokens.asked().len(), 2, "only the code and somebody else's renewal");
    // Nobody has: it is forced, once for all who were refused.
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    let refused = (0..50).map(|_| world.connections.refused(&binding, &used, refusal()));
    for outcome in futures_util::future::join_all(refused).await {
        outcome.unwrap();
    }
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_3");
    assert_eq!(world.tokens.asked().len(), 3);
    // Within a minute it is not forced again.
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    let ended = world.connections.refused(&binding, &used, refusal()).await.unwrap_err();
    assert_eq!((ended.code, world.tokens.asked().len()), (Code::AuthenticationError, 3));
    assert_eq!(world.row(&row).await.status, ConnectionStatus::Error);
}

#[tokio::test]
async fn a_key_is_never_renewed_by_force() {
    let world = World::new().await;
    let credentials = json!({ "type": "BASIC", "username": "rk_test_1", "password": "" });
    let body =
        json!({ "provider_config_key": "stripe-api-key", "connection_id": "k", "credentials": credentials });
    world.ask("POST", "/connections", body).await;
    let added = world.connections.add_nango(world.company, import("main", "k", "stripe-api-key")).await;
    let row = added.unwrap();
    let binding = super::binding(&row);
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    let ended = world.connections.refused(&binding, &used, refusal()).await.unwrap_err();
    assert_eq!(ended.code, Code::AuthenticationError);
    assert_eq!(world.row(&row).await.status, ConnectionStatus::Error);
    assert!(world.tokens.asked().is_empty());
}

#[tokio::test]
async fn a_failed_renewal_of_a_token_that_works_stops_nothing() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    world.secret(&binding).await.unwrap();
    world.tokens.refuse(true);
    let forced = http::Request::get(format!("{}&force_refresh=true", path(&row)))
        .header("authorization", format!("Bearer {}", ::nango::KEY))
        .body(bytes::Bytes::new());
    assert_eq!(world.nango.answer(forced.unwrap()).await.status(), 400, "it blocks reading for 30 s");
    world.pass(5 * MINUTE);
    // The cooldown is over by now: the first trap needs a failure that is fresh.
    let forced = http::Request::get(format!("{}&force_refresh=true", path(&row)))
        .header("authorization", format!("Bearer {}", ::nango::KEY))
        .body(bytes::Bytes::new());
    world.nango.answer(forced.unwrap()).await;
    let before = world.reads();
    for _ in 0..10 {
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1");
        world.pass(2 * SECOND);
    }
    assert_eq!(world.reads() - before, 1, "it is not asked again before 30 s");
    world.pass(11 * SECOND);
    world.secret(&binding).await.unwrap();
    assert_eq!(world.reads() - before, 2);
}

#[tokio::test]
async fn ten_valid_minutes_are_used_though_nango_gives_no_token() {
    let world = World::new().await;
    let (_, binding) = world.connected("stripe-app").await;
    world.secret(&binding).await.unwrap();
    world.tokens.refuse(true);
    world.pass(50 * MINUTE);
    for _ in 0..9 {
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1");
        world.pass(MINUTE);
    }
}

#[tokio::test]
async fn a_renewal_that_is_given_up_ends_the_connection_only_when_its_token_ends() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe-app").await;
    world.tokens.refuse(true);
    let day = 24 * 60 * MINUTE;
    for _ in 0..4 {
        let forced = http::Request::get(format!("{}&force_refresh=true", path(&row)))
            .header("authorization", format!("Bearer {}", ::nango::KEY))
            .body(bytes::Bytes::new());
        world.nango.answer(forced.unwrap()).await;
        world.pass(day);
    }
    let ended = world.secret(&binding).await.unwrap_err();
    assert_eq!(ended.code, Code::ConnectionExpired, "{}", ended.message);
    assert_eq!(ended.details.unwrap()["reconnect"]["connectionId"], json!(row.id));
    assert_eq!(world.row(&row).await.status, ConnectionStatus::Expired);
    // Somebody authorizes it again: the id stays.
    world.tokens.refuse(false);
    let again =
        crate::Authorize { reconnect: Some("main".into()), name: None, ..super::nango::asked("", "x") };
    let begun = world.connections.authorize(world.company, again).await.unwrap();
    world.consent(&begun, "stripe-app", ACCOUNT).await;
    assert_eq!(world.connections.look_for_authorized().await, 1);
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_2");
}

#[tokio::test]
async fn a_token_without_an_end_that_stripe_refuses_and_nobody_renews_was_revoked() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    world.tokens.refuse(true);
    let ended = world.connections.refused(&binding, &used, refusal()).await.unwrap_err();
    assert_eq!(ended.code, Code::AuthenticationError);
    assert_eq!(world.row(&row).await.status, ConnectionStatus::Error);
}

#[tokio::test]
async fn too_many_requests_are_paused_for_every_connection() {
    let world = World::new().await;
    world.ask("POST", "/connections", imported("stripe", "two", "sk_acct_2")).await;
    let (_, one) = world.connected("stripe-app").await;
    let two = world.connections.add_nango(world.company, import("two", "two", "stripe")).await.unwrap();
    let two = super::binding(&two);
    world.pass(90 * MINUTE);
    world.nango.set_limit(0);
    let before = world.nango.requests().len();
    for _ in 0..20 {
        for binding in [&one, &two] {
            let refused = world.secret(binding).await.unwrap_err();
            assert!(matches!(refused.retry, Retry::After { after_ms: 1..=60_000 }), "{:?}", refused.retry);
        }
        world.pass(SECOND);
    }
    assert_eq!(world.nango.requests().len() - before, 1);
    world.nango.set_limit(100);
    world.pass(MINUTE);
    assert!(world.secret(&one).await.is_ok() && world.secret(&two).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_nango_that_is_down_or_stuck_stops_nothing_while_a_token_works() {
    for stuck in [false, true] {
        let world = World::new().await;
        let (row, binding) = world.connected("stripe").await;
        world.secret(&binding).await.unwrap();
        let flag = if stuck { &world.wire.is_stuck } else { &world.wire.is_down };
        flag.store(true, Ordering::Relaxed);
        world.pass(6 * MINUTE);
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1");
        world.pass(50 * MINUTE);
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1");
        world.pass(30 * MINUTE);
        world.wire.is_stuck.store(false, Ordering::Relaxed);
        world.wire.is_down.store(true, Ordering::Relaxed);
        let ended = world.secret(&binding).await.unwrap_err();
        assert_eq!((ended.code, ended.retry), (Code::ConnectionUnreachable, Retry::SameKey));
        world.wire.is_down.store(false, Ordering::Relaxed);
        world.pass(MINUTE);
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1");
        assert_eq!(world.row(&row).await.status, ConnectionStatus::Active);
    }
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_ends_nothing_early_and_nothing_late() {
    for (ahead, here) in [(true, 3_600), (false, -3_600)] {
        let world = World::new().await;
        let now = world.there.as_ref();
        let shifted = model::seconds(model::Clock::now(now).as_second() + here);
        world.clock.set(shifted);
        let (row, binding) = world.connected("stripe-app").await;
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1", "{ahead}");
        world.tokens.refuse(true);
        world.pass(59 * MINUTE);
        assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1", "{ahead}");
        world.pass(2 * MINUTE);
        assert!(world.secret(&binding).await.is_err(), "{ahead}");
        assert_eq!(world.row(&row).await.status, ConnectionStatus::Active);
    }
}

#[tokio::test]
async fn a_key_that_was_changed_for_another_accounts_is_never_used() {
    let world = World::new().await;
    let body = |key: &str| {
        let credentials = json!({ "type": "BASIC", "username": key, "password": "" });
        json!({ "provider_config_key": "stripe-api-key", "connection_id": "k", "credentials": credentials })
    };
    world.ask("POST", "/connections", body("rk_test_1")).await;
    let added = world.connections.add_nango(world.company, import("main", "k", "stripe-api-key")).await;
    let binding = super::binding(&added.unwrap());
    assert_eq!(world.secret(&binding).await.unwrap(), "rk_test_1");
    world.stripe.accounts.lock().unwrap().insert("rk_test_2".into(), "acct_another".into());
    world.ask("POST", "/connections", body("rk_test_2")).await;
    for connections in [world.connections.clone(), world.restarted()] {
        world.pass(5 * MINUTE);
        // Until an hour is over the key that was proven is used on.
        if let Ok((credential, _)) = connections.credential(&binding).await {
            assert_eq!(credential.expose(), "rk_test_1");
        }
    }
    let refused = world.restarted().credential(&binding).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    let asked = world.stripe.asked.lock().unwrap().len();
    world.ask("POST", "/connections", body("rk_test_3")).await;
    world.pass(MINUTE);
    assert_eq!(world.secret(&binding).await.unwrap(), "rk_test_3", "one of the same account is");
    assert_eq!(world.stripe.asked.lock().unwrap().len(), asked + 1);
}

#[tokio::test]
async fn a_disconnected_connections_secret_is_not_kept() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    let (given, ended) =
        tokio::join!(world.secret(&binding), world.connections.disconnect(world.company, row.id));
    ended.unwrap();
    drop(given);
    assert!(!world.connections.fetched.holds(row.id));
    assert_eq!(world.secret(&binding).await.unwrap_err().code, Code::ConnectionRequired);
}
