//! What a person says of a parked write, held against Stripe.

use model::{Code, Failure};
use serde_json::{Value, json};
use store::{Backend, Intent, IntentState, Unit};
use stripe::Attempt;

use super::world::*;
use crate::{Call, CallError, Class, Settled, Witness};

/// Parks a call: Stripe keeps a 500 under its key, and what it shows does not tell.
async fn parked(world: &World, call: &Call) -> Intent {
    world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "kept"))]);
    world.script.read("/v1/events", list(json!([])));
    let ended = world.make(call.clone()).await.unwrap();
    assert!(matches!(ended.settled, Settled::Parked(_)), "{:?}", ended.settled);
    world.intent(call).await.unwrap()
}

/// A customer of whom nothing tells whether it was made.
async fn nobody(world: &World) -> Intent {
    parked(world, &world.asked("createCustomer", json!({"name": "Ada"}), "k", Class::Background)).await
}

/// An invoice whose status is not known to anybody.
async fn odd_invoice(world: &World) -> Intent {
    invoice_is(world, "brand_new_status");
    let call = world.asked("finalizeInvoice", json!({"invoiceId": "in_1"}), "k", Class::Background);
    parked(world, &call).await
}

fn invoice_is(world: &World, status: &str) {
    let invoice = json!({"id": "in_1", "object": "invoice", "status": status, "created": 1});
    world.script.read("/v1/invoices/in_1", answered(200, invoice));
}

fn customer(id: &str, created: i64) -> Value {
    json!({"id": id, "object": "customer", "name": "Ada", "created": created})
}

#[track_caller]
fn shown(reviewed: Result<Witness, Failure>) -> Value {
    match reviewed {
        Ok(Witness::Shown(object)) => object,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(reviewed: Result<Witness, Failure>, code: Code, says: &str) {
    let failure = reviewed.unwrap_err();
    assert_eq!(failure.code, code, "{failure}");
    assert!(failure.message.contains(says), "{failure}");
    assert!(failure.message.contains("othing was decided"), "{failure}");
    assert_eq!(failure.field.as_deref(), (code == Code::ValidationError).then_some("objectId"));
}

#[tokio::test(start_paused = true)]
async fn a_made_object_is_read_by_the_id_that_a_person_gives() {
    let world = World::new().await;
    let intent = nobody(&world).await;
    assert_eq!(world.caller.review_done(&intent, None).await, Ok(Witness::Nameless), "nothing names it");
    let made = customer("cus_1", 1_800_000_001);
    world.script.read("/v1/customers/cus_1", answered(200, made.clone()));
    assert_eq!(world.caller.review_done(&intent, Some("cus_1")).await, Ok(Witness::Shown(made)));
    assert_eq!(world.script.sent().len(), 2, "reads only");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_it_is_refused() {
    let world = World::new().await;
    let intent = nobody(&world).await;
    let show = |attempt: Attempt| world.script.read("/v1/customers/cus_1", attempt);
    let missing = json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}});
    for (attempt, says) in [
        (answered(404, missing), "shows no cus_1"),
        (answered(403, error("invalid_request_error", "no permission")), "no permission"),
        (answered(200, customer("cus_1", 1_799_990_000)), "was there before"),
        (answered(200, json!({"id": "cus_1", "object": "account"})), "of the kind `account`"),
    ] {
        show(attempt);
        refused(world.caller.review_done(&intent, Some("cus_1")).await, Code::ValidationError, says);
    }
    world.script.read("/v1/customers/cus_1%2Fsources", answered(404, json!({})));
    for other in ["..", "", ".", "cus_1/sources"] {
        let reviewed = world.caller.review_done(&intent, Some(other)).await;
        assert_eq!(reviewed.unwrap_err().code, Code::ValidationError, "{other}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_object_is_the_one_in_the_path() {
    let world = World::new().await;
    let intent = odd_invoice(&world).await;
    for named in [None, Some("in_1")] {
        let object = shown(world.caller.review_done(&intent, named).await);
        assert_eq!(object["status"], "brand_new_status", "as old as it may be");
    }
    let reviewed = world.caller.review_done(&intent, Some("in_2")).await;
    refused(reviewed, Code::ValidationError, "about in_1, not about in_2");
}

#[tokio::test(start_paused = true)]
async fn what_stripe_shows_otherwise_is_refused() {
    let world = World::new().await;
    let intent = odd_invoice(&world).await;
    assert_eq!(world.caller.review_not_done(&intent).await, Ok(()));
    invoice_is(&world, "draft");
    refused(world.caller.review_done(&intent, None).await, Code::Conflict, "was not done");
    invoice_is(&world, "open");
    let not_done = world.caller.review_not_done(&intent).await;
    refused(not_done.map(|()| Witness::Nameless), Code::Conflict, "twice");
    shown(world.caller.review_done(&intent, None).await);
}

#[tokio::test(start_paused = true)]
async fn an_event_tells_whatever_a_person_says() {
    let world = World::new().await;
    let intent = nobody(&world).await;
    let event = json!({"id": "evt_1", "type": "customer.created", "data": {"object": customer("cus_9", 1)},
                       "request": {"id": "req_1", "idempotency_key": intent.key}});
    world.script.read("/v1/events", list(json!([event])));
    world.script.read("/v1/customers/cus_9", answered(200, customer("cus_9", 1)));
    let object = shown(world.caller.review_done(&intent, None).await);
    assert_eq!(object["id"], "cus_9");
    let other = world.caller.review_done(&intent, Some("cus_1")).await;
    refused(other, Code::ValidationError, "about cus_9, not about cus_1");
    refused(world.caller.review_not_done(&intent).await.map(|()| Witness::Nameless), Code::Conflict, "cus_9");
}

#[tokio::test(start_paused = true)]
async fn without_stripe_nothing_is_decided() {
    let world = World::new().await;
    let intent = nobody(&world).await;
    world.script.read("/v1/events", Attempt::Broken("reset".into()));
    let failure = world.caller.review_not_done(&intent).await.unwrap_err();
    assert!(failure.message.contains("nothing was decided"), "{failure}");
    assert_eq!((failure.code, failure.retry), (Code::ApiError, model::Retry::SameKey));
}

#[tokio::test(start_paused = true)]
async fn a_decided_intent_is_never_sent_again_and_no_look_overrides_it() {
    for decided in [Ok(customer("cus_1", 1)), Err(Failure::new(Code::Parked, "a person said so"))] {
        let world = World::new().await;
        let call = world.asked("createCustomer", json!({"name": "Ada"}), "k", Class::Background);
        let intent = parked(&world, &call).await;
        let write = world.caller.settle_as_decided(&intent, decided.clone()).await.unwrap();
        world.store.commit(Unit::interactive(vec![write.clone()])).await.unwrap();
        assert!(world.store.commit(Unit::interactive(vec![write])).await.is_err(), "it is decided once");
        assert!(matches!(world.intent(&call).await.unwrap().state, IntentState::Settled(_)));
        let sent = world.script.sent().len();
        for ended in [
            world.make(call.clone()).await.unwrap(),
            world.caller.finish_open(&intent.key, &mut |_, _| {}).await.unwrap(),
        ] {
            assert!(ended.replayed);
            match (&decided, &ended.settled) {
                (Ok(body), Settled::Done(answer)) => assert_eq!(&answer.body, body),
                (Err(why), Settled::NotDone(said)) => assert_eq!(said, why),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(world.script.sent().len(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_read_is_not_reviewed() {
    let world = World::new().await;
    let intent = nobody(&world).await;
    let damaged = Intent { request: model::Sealed::from_ciphertext(vec![1; 40]), ..intent };
    let failure = world.caller.review_done(&damaged, None).await.unwrap_err();
    assert_eq!(failure.code, Code::InternalError, "{failure}");
    let lost = world.caller.finish_open(&model::IdempotencyKey::from_text("bursar_0"), &mut |_, _| {}).await;
    assert!(matches!(lost, Err(CallError::Unfinished { .. })));
}

/// A write to a path that no table knows.
async fn unlisted(world: &World, path: &str) -> Intent {
    let input = json!({"method": "POST", "path": path, "params": {"a": "1"}});
    parked(world, &world.asked("stripe.request", input, "k", Class::Background)).await
}

fn no_such(code: &str) -> Attempt {
    answered(404, json!({"error": {"type": "invalid_request_error", "code": code, "message": "no"}}))
}

#[tokio::test(start_paused = true)]
async fn what_an_unlisted_write_made_is_read_where_stripe_has_it() {
    for (path, at) in [
        ("/v1/new_things", vec!["/v1/new_things/thing_1"]),
        ("/v1/new_things/thing_1/mend", vec!["/v1/new_things/thing_1"]),
        ("/v1/new_things/box_1/fill", vec!["/v1/new_things/box_1/fill/thing_1", "/v1/new_things/thing_1"]),
    ] {
        let world = World::new().await;
        let intent = unlisted(&world, path).await;
        for place in &at {
            world.script.read(place, no_such("none"));
        }
        let thing = json!({"id": "thing_1", "object": "new_thing", "created": 1});
        world.script.read(at.last().unwrap(), answered(200, thing.clone()));
        assert_eq!(shown(world.caller.review_done(&intent, Some("thing_1")).await), thing, "{path}");
        assert_eq!(world.script.sent().len(), 2, "reads only");
    }
}

#[tokio::test(start_paused = true)]
async fn where_stripe_cannot_show_it_a_person_is_believed_and_that_is_told_apart() {
    let world = World::new().await;
    let intent = unlisted(&world, "/v1/new_things/box_1/fill").await;
    world.script.read("/v1/new_things/box_1/fill/thing_1", no_such("none"));
    world.script.read("/v1/new_things/thing_1", no_such("resource_missing"));
    let word = Witness::Person(json!({"id": "thing_1"}));
    assert_eq!(world.caller.review_done(&intent, Some("thing_1")).await, Ok(word.clone()));
    world
        .script
        .read("/v1/new_things/thing_1", answered(403, error("invalid_request_error", "no permission")));
    assert_eq!(world.caller.review_done(&intent, Some("thing_1")).await, Ok(word));
    assert_eq!(world.caller.review_done(&intent, None).await, Ok(Witness::Nameless));
    refused(world.caller.review_done(&intent, Some("../thing")).await, Code::ValidationError, "is no id");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_the_collection_does_not_have_is_refused() {
    let world = World::new().await;
    let intent = unlisted(&world, "/v1/new_things").await;
    world.script.read("/v1/new_things/thing_2", no_such("resource_missing"));
    let reviewed = world.caller.review_done(&intent, Some("thing_2")).await;
    refused(reviewed, Code::ValidationError, "shows no thing_2");
}
