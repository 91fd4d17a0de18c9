//! A credential that Stripe does not accept.

use std::sync::Arc;

use connections::{Connections, NewConnection};
use model::{Code, ConnectionStatus, Mode, SeededRng};
use serde_json::json;
use store::Backend as _;
use stripe::Credential;

use super::world::*;
use crate::Class;

fn unauthorized() -> stripe::Attempt {
    answered(401, error("invalid_request_error", "Invalid API Key provided"))
}

async fn status(world: &World) -> ConnectionStatus {
    let row = world.store.connection(world.binding.company, world.binding.connection).await.unwrap();
    row.unwrap().status
}

/// Another process gives the connection a new key.
async fn replaced(world: &World) {
    let rng = Arc::new(SeededRng::new(2));
    let other = Connections::new(world.store.clone(), world.vault.clone(), world.clock.clone(), rng);
    let account = world.binding.account.clone();
    let new = NewConnection {
        name: "default".into(),
        account: account.clone(),
        mode: Mode::Test,
        base_url: "http://127.0.0.1:12111".into(),
        is_default: true,
        credential: Credential::new(account, Mode::Test, "sk_test_new"),
    };
    other.put(world.binding.company, new).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_replaced_elsewhere_is_used_at_once_for_the_same_bytes() {
    let world = World::new().await;
    world.connections.credential(&world.binding).await.unwrap();
    replaced(&world).await;
    world.script.writes([unauthorized(), answered(200, json!({"id": "cus_1"}))]);
    let began = tokio::time::Instant::now();
    let ended = world.make(world.customer("k", Class::Interactive)).await.unwrap();
    assert_eq!(done(&ended)["id"], "cus_1");
    let sent = world.script.sent();
    assert_eq!((sent.len(), &sent[0].key, &sent[0].form), (2, &sent[1].key, &sent[1].form));
    assert!(began.elapsed().as_millis() < 10, "without waiting");
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_marks_its_connection_until_a_call_goes_well() {
    let world = World::new().await;
    world.script.writes([unauthorized(), answered(200, json!({"id": "cus_1"}))]);
    let call = world.customer("k", Class::Interactive);
    assert_eq!(failure(world.make(call.clone()).await).code, Code::AuthenticationError);
    assert_eq!(status(&world).await, ConnectionStatus::Error);
    world.make(call).await.unwrap();
    assert_eq!(status(&world).await, ConnectionStatus::Active);
    let row = world.store.connection(world.binding.company, world.binding.connection).await.unwrap().unwrap();
    assert!(row.used_at.is_some() && row.error.is_none());
}
