use std::time::Duration;

use model::{AccountId, Code};
use serde_json::json;
use store::IntentState;
use stripe::Attempt;

use super::world::*;
use crate::{Class, Settled};

#[tokio::test(start_paused = true)]
async fn the_same_key_with_another_input_conflicts_and_sends_nothing() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    world.make(world.customer("k", Class::Interactive)).await.unwrap();
    let other = json!({"email": "x@b.c", "name": "Ada"});
    let other = world.asked("stripe.createCustomer", other, "k", Class::Interactive);
    let refused = failure(world.make(other).await);
    assert_eq!((refused.code, refused.field.as_deref()), (Code::Conflict, Some("Idempotency-Key")));
    let reordered = json!({"name": "Ada", "email": "a@b.c"});
    let reordered = world.asked("stripe.createCustomer", reordered, "k", Class::Interactive);
    assert!(world.make(reordered).await.unwrap().replayed);
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_for_another_account_conflicts() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    let call = world.customer("k", Class::Background);
    world.make(call.clone()).await.unwrap();
    let mut elsewhere = call;
    elsewhere.binding.account = AccountId::new("acct_2");
    assert_eq!(failure(world.make(elsewhere).await).code, Code::Conflict);
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_under_one_key_send_once() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    *world.script.slow.lock().unwrap() = Duration::from_secs(2);
    let calls = (0..20).map(|_| world.make(world.customer("k", Class::Interactive)));
    let ended = futures_util::future::try_join_all(calls).await.unwrap();
    assert!(ended.iter().all(|e| done(e)["id"] == "cus_1" && e.call == ended[0].call));
    assert_eq!(ended.iter().filter(|e| !e.replayed).count(), 1);
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_in_a_hurry_is_told_that_its_key_is_under_way() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    *world.script.slow.lock().unwrap() = Duration::from_secs(60);
    let first = world.make(world.customer("k", Class::Background));
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.make(world.customer("k", Class::Interactive)).await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(done(&first.unwrap())["id"], "cus_1");
    assert_eq!(failure(second).code, Code::OutcomeUnknown);
}

#[tokio::test(start_paused = true)]
async fn writes_to_one_object_go_one_after_another() {
    let world = World::new().await;
    world.script.writes((0..4).map(|_| answered(200, json!({"id": "in_1"}))));
    *world.script.slow.lock().unwrap() = Duration::from_secs(1);
    let of = |customer: &str, key: &str| {
        let input = json!({"customerId": customer});
        world.make(world.asked("stripe.createInvoice", input, key, Class::Background))
    };
    let ended = tokio::join!(of("cus_1", "a"), of("cus_1", "b"), of("cus_1", "c"), of("cus_2", "d"));
    assert!(ended.0.is_ok() && ended.1.is_ok() && ended.2.is_ok() && ended.3.is_ok());
    let began = world.script.sent()[0].at;
    let mut at: Vec<_> = world.script.sent().iter().map(|s| (s.at - began).as_secs()).collect();
    at.sort_unstable();
    assert_eq!(at, [0, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_parked_call_stays_parked_until_a_person_decides() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "saved"))]);
    let like = json!({"id": "cus_7", "object": "customer", "email": "a@b.c", "name": "Ada", "created": 1_800_000_001});
    world.script.read("/v1/events", list(json!([])));
    world.script.read("/v1/customers", list(json!([like])));
    let call = world.customer("k", Class::Background);
    let first = world.make(call.clone()).await.unwrap();
    let Settled::Parked(known) = &first.settled else { panic!("{:?}", first.settled) };
    assert_eq!((known.failure.code, &known.seen["candidates"][0]["id"]), (Code::Parked, &json!("cus_7")));
    assert!(matches!(world.intent(&call).await.unwrap().state, IntentState::Parked(_)));
    let again = world.make(call).await.unwrap();
    assert!(again.replayed && again.settled == first.settled);
    assert_eq!(world.script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_sweep_finishes_what_an_interactive_caller_gave_up() {
    let world = World::new().await;
    world.script.writes((0..30).map(|_| Attempt::Broken("reset".into())));
    let call = world.customer("k", Class::Interactive);
    let told = failure(world.make(call.clone()).await);
    assert_eq!(told.code, Code::OutcomeUnknown);
    assert!(told.message.contains("may have been done"), "{}", told.message);
    world.script.writes.lock().unwrap().clear();
    world.script.writes([replayed(200, json!({"id": "cus_1"}))]);
    let _ = tokio::time::timeout(Duration::from_secs(30), world.caller.sweep()).await;
    let ended = world.make(call).await.unwrap();
    assert!(ended.replayed && done(&ended)["id"] == "cus_1");
}
