//! Webhooks of Nango's: only hints, and only signed ones.

use std::time::Duration;

use ::nango::Consent;
use model::ConnectionStatus;
use serde_json::json;

use super::nango::{ACCOUNT, World, path, token};
use crate::Unsigned;

/// A signed body of a server that was watched, and its signatures.
const BODY: &[u8] = br#"{"authMode":"OAUTH2","connectionId":"c0000000-0000-4000-8000-000000000001","environment":"dev","from":"nango","operation":"creation","provider":"stripe","providerConfigKey":"stripe","success":true,"tags":{"end_user_id":"u-9","organization_id":"o-9"},"type":"auth"}"#;
const HMAC: &str = "5b1d50cdf90a342c33195ed8fce7d5daaad9cdc43d72b3af71dd1e2f59a66036";
const LEGACY: &str = "ce90997cd6890023028d441d90ea5334528796ca3a3d59968208b234ad9a6451";

#[tokio::test]
async fn only_the_signature_of_a_signing_key_is_taken() {
    let world = World::new().await;
    assert_eq!(world.tell(HMAC, BODY).await, Ok(None), "signed, and of nobody's connection");
    for forged in [LEGACY, "", "zz", &HMAC[2..], &HMAC.replace('5', "6")] {
        assert_eq!(world.tell(forged, BODY).await, Err(Unsigned), "{forged}");
    }
    assert_eq!(world.tell(HMAC, &BODY[1..]).await, Err(Unsigned));
    world.settings(|client| client.webhook_keys.clear());
    assert_eq!(world.tell(HMAC, BODY).await, Err(Unsigned), "without a key nothing is signed");
    world.settings(|client| client.webhook_keys = vec![String::new().into(), client.key.clone()]);
    assert_eq!(world.tell(HMAC, BODY).await, Err(Unsigned), "the API key is not the signing key");
    assert!(world.nango.requests().is_empty());
}

#[test]
fn the_stand_in_signs_as_the_real_one_was_seen_to() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let world = runtime.block_on(World::new());
    let signed = world.nango.signed(&serde_json::from_slice(BODY).unwrap());
    assert_eq!((&signed.body[..], signed.hmac.as_str(), signed.legacy.as_str()), (BODY, HMAC, LEGACY));
}

#[tokio::test]
async fn a_signing_key_can_be_replaced_without_losing_hints() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    let fresh = world.nango.rotate_signing_key();
    world.settings(|client| client.webhook_keys.insert(0, fresh.clone().into()));
    world.consent(&begun, "stripe", ACCOUNT).await;
    assert_eq!(world.hand_on().await, [Some(begun.connection.id)]);
    assert_eq!(world.tell(HMAC, BODY).await, Ok(None), "the old key is still known");
}

#[tokio::test]
async fn a_hint_that_comes_again_changes_nothing() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    world.consent(&begun, "stripe", ACCOUNT).await;
    let told = world.told.take();
    for _ in 0..3 {
        assert_eq!(world.tell(&told[0].hmac, &told[0].body).await, Ok(Some(begun.connection.id)));
    }
    let row = world.row(&begun.connection).await;
    assert_eq!((row.status, row.revision), (ConnectionStatus::Active, 2));
}

#[tokio::test]
async fn an_old_hint_does_not_bring_back_what_was_given_up() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    world.consent(&begun, "stripe", ACCOUNT).await;
    let told = world.told.take();
    world.tell(&told[0].hmac, &told[0].body).await.unwrap();
    // Nango is not reached, so that the connection stays there.
    world.wire.is_down.store(true, std::sync::atomic::Ordering::Relaxed);
    let ended = world.connections.disconnect(world.company, begun.connection.id).await.unwrap();
    assert!(matches!(ended.provider_told, Some(Err(_))), "whoever gives it up is told");
    world.wire.is_down.store(false, std::sync::atomic::Ordering::Relaxed);
    for connections in [world.connections.clone(), world.restarted()] {
        let delivery = crate::NangoDelivery { signature: told[0].hmac.as_bytes(), body: &told[0].body };
        connections.told_by_nango(delivery).await.unwrap();
        connections.look_for_authorized().await;
        assert_eq!(world.row(&begun.connection).await.status, ConnectionStatus::Disconnected);
    }
}

#[tokio::test]
async fn a_denial_names_a_connection_that_never_was_and_harms_nothing() {
    let world = World::new().await;
    let begun = world.link("main", "stripe").await;
    world.nango.consent(&token(&begun), "stripe", Consent::Denied).await.unwrap();
    world.nango.delivered().await;
    assert_eq!(world.hand_on().await, [None]);
    assert_eq!(world.row(&begun.connection).await.status, ConnectionStatus::Pending);
    world.consent(&begun, "stripe", ACCOUNT).await;
    assert_eq!(world.hand_on().await, [Some(begun.connection.id)], "the same link still works");
}

#[tokio::test]
async fn a_tag_that_names_a_foreign_company_leads_nowhere() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    let tags = json!({ "bursar_connection": row.id, "bursar_company": model::CompanyId::new(
        &model::ManualClock::at_second(9), &model::SeededRng::new(9)) });
    world.ask("PATCH", &path(&row), json!({ "tags": tags })).await;
    let hint = world.nango.signed(&json!({ "type": "auth", "success": true, "tags": tags }));
    world.tell(&hint.hmac, &hint.body).await.unwrap();
    assert_eq!(world.row(&row).await, row);
    assert!(world.secret(&binding).await.is_ok());
}

#[tokio::test]
async fn a_hint_makes_the_next_call_ask_at_once() {
    let world = World::new().await;
    let (row, binding) = world.connected("stripe").await;
    world.secret(&binding).await.unwrap();
    world.pass(Duration::from_secs(1));
    world.ask("GET", &format!("{}&force_refresh=true", path(&row)), json!({})).await;
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_1", "it is kept for a while");
    let hint = json!({ "type": "auth", "operation": "override", "connectionId":
        path(&row)["/connections/".len()..].split('?').next().unwrap(), "providerConfigKey": "stripe" });
    let hint = world.nango.signed(&hint);
    assert_eq!(world.tell(&hint.hmac, &hint.body).await, Ok(Some(row.id)), "found by Nango's id");
    assert_eq!(world.secret(&binding).await.unwrap(), "sk_acct_fake_2");
}
