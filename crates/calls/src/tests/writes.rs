use model::Code;
use serde_json::json;
use store::{Backend as _, IntentState, Unit, Write};
use stripe::Attempt;

use super::{faulty::Commit, world::*};
use crate::{CallError, Class, Settled};

#[tokio::test(start_paused = true)]
async fn an_answer_is_stored_and_comes_back_whole() {
    let world = World::new().await;
    let body = json!({"id": "cus_1", "object": "customer", "unknown_field": [1, null]});
    world.script.writes([answered(200, body.clone())]);
    let call = world.customer("k", Class::Interactive);
    let ended = world.make(call.clone()).await.unwrap();
    assert_eq!((done(&ended), ended.replayed), (&body, false));
    let intent = world.intent(&call).await.unwrap();
    assert_eq!((intent.call, intent.stripe_request_id.as_deref()), (ended.call, Some("req_1")));
    let recalled = world.caller.recall(world.binding.company, &intent).await.unwrap();
    assert_eq!(recalled, Some(ended.settled));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_with_the_same_bytes_and_key() {
    let world = World::new().await;
    let body = json!({"id": "cus_1"});
    world.script.writes([
        Attempt::Broken("connection reset".into()),
        answered(409, error("invalid_request_error", "in use")),
        answered(500, error("api_error", "oops")),
        Attempt::NeverSent("refused".into()),
        replayed(200, body.clone()),
    ]);
    let ended = world.make(world.customer("k", Class::Background)).await.unwrap();
    assert_eq!(done(&ended), &body);
    let sent = world.script.sent();
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|s| (&s.key, &s.path, &s.form) == (&sent[0].key, &sent[0].path, &sent[0].form)));
    assert_eq!(world.store.settling().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plain_refusal_after_a_lost_answer_is_not_believed() {
    let world = World::new().await;
    world.script.writes([
        Attempt::Broken("reset".into()),
        answered(400, error("invalid_request_error", "no such thing")),
    ]);
    let call = world.customer("k", Class::Background);
    let key = world.key_of(&call);
    let event = json!({"id": "evt_1", "type": "customer.created", "request": {"id": "req_9", "idempotency_key": key},
                       "data": {"object": {"id": "cus_1", "object": "customer"}}});
    world.script.read("/v1/events", list(json!([event])));
    world.script.read(
        "/v1/customers/cus_1",
        answered(200, json!({"id": "cus_1", "object": "customer", "now": true})),
    );
    let ended = world.make(call).await.unwrap();
    assert_eq!(done(&ended)["now"], true);
    assert_eq!(ended.settled.stripe_request_id(), Some("req_9"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_settles_and_is_told_again_without_sending() {
    let world = World::new().await;
    world.script.writes([answered(400, error("invalid_request_error", "no"))]);
    let call = world.customer("k", Class::Interactive);
    let first = world.make(call.clone()).await.unwrap();
    let second = world.make(call).await.unwrap();
    assert!(matches!(&first.settled, Settled::Rejected(e) if e.status == 400));
    assert_eq!((first.settled, first.call, second.replayed), (second.settled, second.call, true));
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_follows_is_in_the_unit_that_settles() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    let mut told = 0;
    let follow =
        store::Company { id: world.binding.company, name: "follows".into(), created_at: world.clock.now() };
    let mut settle = |settled: &Settled, unit: &mut Unit| {
        told += 1;
        assert!(matches!(settled, Settled::Done(_)));
        unit.push(Write::PutCompany(follow.clone()));
    };
    world.caller.call(world.customer("k", Class::Background), &mut settle).await.unwrap();
    assert_eq!(told, 1);
    let units = world.store.settling();
    assert!(matches!(&units[..], [unit] if matches!(&unit.writes[..],
        [Write::SettleIntent { .. }, Write::PutCompany(c)] if c.name == "follows")));
}

#[tokio::test(start_paused = true)]
async fn a_settling_commit_without_an_answer_settles_once() {
    for fault in [Commit::DoneUnanswered, Commit::NotDoneUnanswered] {
        let world = World::new().await;
        world.script.writes([answered(200, json!({"id": "cus_1"}))]);
        *world.store.faults.lock().unwrap() = vec![fault];
        let mut told = 0;
        let call = world.customer("k", Class::Background);
        let ended = world.caller.call(call.clone(), &mut |_, _| told += 1).await.unwrap();
        assert_eq!((told, ended.replayed, world.store.settling().len()), (1, false, 1), "{fault:?}");
        assert!(matches!(world.intent(&call).await.unwrap().state, IntentState::Settled(_)));
        assert_eq!(world.script.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_cannot_be_stored_is_asked_for_again() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"})), replayed(200, json!({"id": "cus_1"}))]);
    *world.store.faults.lock().unwrap() = vec![Commit::NotDoneUnanswered; 5];
    let call = world.customer("k", Class::Background);
    assert!(matches!(world.make(call.clone()).await, Err(CallError::Store(_))));
    assert_eq!(world.intent(&call).await.unwrap().state, IntentState::Open);
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!(done(&ended)["id"], "cus_1");
    let sent = world.script.sent();
    assert_eq!((&sent[0].key, &sent[0].form), (&sent[1].key, &sent[1].form));
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_intent_and_answer_ends_with_the_same_bytes() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(200, json!({"id": "cus_1"}))]);
    *world.script.slow.lock().unwrap() = std::time::Duration::from_secs(1);
    let call = world.customer("k", Class::Background);
    let dropped = tokio::time::timeout(std::time::Duration::from_millis(500), world.make(call.clone())).await;
    assert!(dropped.is_err());
    assert_eq!(world.script.writes.lock().unwrap().len(), 2, "the answer was never taken");
    let world = world.crashed();
    assert_eq!(world.store.open_intents().await.unwrap().len(), 1);
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!(done(&ended)["id"], "cus_1");
    let sent = world.script.sent();
    assert!(sent.len() == 3 && sent.iter().all(|s| (&s.key, &s.form) == (&sent[0].key, &sent[0].form)));
}

#[tokio::test(start_paused = true)]
async fn no_secret_shows_in_any_debug_text() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1", "client_secret": "canary_body"}))]);
    let call = world.customer("k", Class::Background);
    world.make(call.clone()).await.unwrap();
    let row = world.store.connection(world.binding.company, world.binding.connection).await.unwrap();
    let credential = world.connections.credential(&world.binding).await.unwrap();
    let intent = world.intent(&call).await.unwrap();
    let shown = format!("{row:?} {credential:?} {intent:?} {:?}", world.store.done.lock().unwrap());
    assert!(!shown.contains("canary") && shown.contains("Sealed("), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_cannot_be_finished() {
    let world = World::new().await;
    let key = model::IdempotencyKey::from_text("bursar_none");
    assert_eq!(failure(world.caller.finish_open(&key, &mut |_, _| {}).await).code, Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_a_plain_refusal_does_not_prove_that_nothing_was_done() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    *world.script.slow.lock().unwrap() = std::time::Duration::from_secs(1);
    let call = world.customer("k", Class::Background);
    let cut = tokio::time::timeout(std::time::Duration::from_millis(500), world.make(call.clone())).await;
    assert!(cut.is_err());
    let world = world.crashed();
    world.script.writes.lock().unwrap().clear();
    world.script.writes([answered(400, error("invalid_request_error", "no longer allowed"))]);
    let event = json!({"id": "evt_1", "request": {"id": "req_9", "idempotency_key": world.key_of(&call)},
                       "data": {"object": {"id": "cus_1", "object": "customer"}}});
    world.script.read("/v1/events", list(json!([event])));
    world.script.read("/v1/customers/cus_1", answered(404, error("invalid_request_error", "deleted since")));
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!(done(&ended)["id"], "cus_1");
}

#[tokio::test(start_paused = true)]
async fn two_units_cannot_settle_one_call_and_the_second_author_is_told() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({"id": "cus_1"}))]);
    *world.script.slow.lock().unwrap() = std::time::Duration::from_secs(1);
    let call = world.customer("k", Class::Background);
    let follow =
        store::Company { id: world.binding.company, name: "lost".into(), created_at: world.clock.now() };
    let mut settle = |_: &Settled, unit: &mut Unit| unit.push(Write::PutCompany(follow.clone()));
    let meanwhile = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let write = Write::SettleIntent {
            key: world.key_of(&call),
            outcome: model::Sealed::from_ciphertext(vec![1]),
            stripe_request_id: None,
            at: world.clock.now(),
        };
        world.store.commit(Unit::interactive(vec![write])).await.unwrap();
    };
    let (ended, ()) = tokio::join!(world.caller.call(call.clone(), &mut settle), meanwhile);
    assert!(matches!(ended, Err(CallError::Store(_))));
    assert_eq!(world.store.companies().await.unwrap()[0].name, "Test");
}
