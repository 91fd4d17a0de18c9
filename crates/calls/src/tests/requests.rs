//! `stripe.request` on the one path: operations without an action, and paths that no
//! table knows.

use std::time::Duration;

use model::Code;
use sandbox::Fault;
use serde_json::{Value, json};
use stripe::{Attempt, Kind};

use super::{sandboxed, world::*};
use crate::{Call, CallError, Class, Settled};

const REQUEST: &str = "stripe.request";

impl World {
    fn requested(&self, input: Value) -> Call {
        self.asked(REQUEST, input, "the call", Class::Background)
    }
}

/// A write to a path that no table knows.
fn unlisted(method: &str) -> Value {
    json!({"method": method, "path": "/v1/new_things/thing_1", "params": {"someRate": "1.50", "a": [1]}})
}

#[tokio::test(start_paused = true)]
async fn a_path_that_no_table_knows_is_sent_again_byte_for_byte_after_a_crash() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(200, json!({"id": "thing_1"}))]);
    *world.script.slow.lock().unwrap() = Duration::from_secs(1);
    let call = world.requested(unlisted("POST"));
    let cut = tokio::time::timeout(Duration::from_millis(500), world.make(call.clone())).await;
    assert!(cut.is_err());
    let world = world.crashed();
    let intent = world.intent(&call).await.unwrap();
    assert_eq!(intent.action, REQUEST);
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!(done(&ended)["id"], "thing_1");
    let sent = world.script.sent();
    assert!(sent.len() == 3 && sent.iter().all(|s| (&s.key, &s.form) == (&sent[0].key, &sent[0].form)));
    assert_eq!(
        (sent[2].path.as_str(), sent[2].form.as_str()),
        ("/v1/new_things/thing_1", "someRate=1.50&a[0]=1")
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_an_unlisted_write_is_told_by_events_or_a_person() {
    let event = |world: &World, call: &Call, id: &str| {
        json!({"id": format!("evt_{id}"), "type": "thing.updated", "data": {"object": {"id": id}},
               "request": {"id": "req_9", "idempotency_key": world.key_of(call)}})
    };
    for (things, parked) in [(vec!["thing_1"], false), (vec!["thing_1", "thing_2"], true), (vec![], true)] {
        let world = World::new().await;
        world.script.writes([
            Attempt::Broken("reset".into()),
            answered(400, error("invalid_request_error", "no such thing")),
        ]);
        let call = world.requested(unlisted("POST"));
        let events: Vec<Value> = things.iter().map(|id| event(&world, &call, id)).collect();
        world.script.read("/v1/events", list(json!(events)));
        world.script.read("/v1/new_things", answered(404, error("invalid_request_error", "none")));
        let ended = world.make(call).await.unwrap();
        match &ended.settled {
            Settled::Done(answer) => assert!(!parked && answer.body["id"] == "thing_1", "{things:?}"),
            Settled::Parked(known) => {
                assert!(parked, "{things:?}");
                assert_eq!(known.failure.code, Code::Parked);
            }
            other => panic!("{things:?}: {other:?}"),
        }
        assert_eq!(world.script.sent().len(), 2);
    }
}

/// A delete has no key, so the script takes it for a read of its path.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_an_unlisted_delete_is_done_only_when_stripe_says_that_it_is_gone() {
    let missing =
        json!({"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "no"}});
    let no_url = error("invalid_request_error", "Unrecognized request URL (GET: /v1/new_things/thing_1).");
    for (shown, is_done) in [
        (answered(404, missing), true),
        (answered(200, json!({"id": "thing_1", "deleted": true})), true),
        (answered(404, no_url), false),
        (answered(200, json!({"id": "thing_1", "status": "canceled"})), false),
    ] {
        let world = World::new().await;
        let path = "/v1/new_things/thing_1";
        world.script.read(path, Attempt::Broken("reset".into()));
        let call = world.requested(unlisted("DELETE"));
        let then = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            world.script.read(path, shown.clone());
        };
        let (ended, ()) = tokio::join!(world.make(call), then);
        match (&ended.unwrap().settled, is_done) {
            (Settled::Done(answer), true) => assert_eq!(answer.body["deleted"], true),
            (Settled::Parked(_), false) => {}
            other => panic!("{shown:?}: {other:?}"),
        }
        let forms: Vec<String> =
            world.script.seen.lock().unwrap().iter().map(|seen| seen.form.clone()).collect();
        assert_eq!(forms.iter().filter(|form| !form.is_empty()).count(), 1, "the delete went out once");
    }
}

#[tokio::test(start_paused = true)]
async fn one_key_is_one_request_however_it_is_named() {
    let (world, sandbox) = sandboxed::world().await;
    let customer = world.made("createCustomer", json!({"email": "a@b.c"}), "customer").await["id"].clone();
    let params = json!({"name": "Ada", "metadata": {"a": "1"}});
    let mut named = params.clone();
    named["customer"] = customer.clone();
    let path = format!("/v1/customers/{}", customer.as_str().unwrap());
    let first = world.requested(json!({"operation": "customers.update", "params": named}));
    let second = world.requested(json!({"method": "POST", "path": path, "params": params}));
    let one = world.make(first.clone()).await.unwrap();
    let other = world.make(second).await.unwrap();
    assert_eq!((one.call, done(&one), other.replayed), (other.call, done(&other), true));
    assert_eq!(sandbox.executions(&world.key_of(&first)), 1);
    let conflict = world.requested(json!({"operation": "customers.create", "params": params}));
    assert_eq!(failure(world.make(conflict).await).code, Code::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_request_is_repeated_under_its_key_and_done_once() {
    for fault in [Fault::LostAnswer, Fault::Reset, Fault::Stored500AfterCommit, Fault::LockTimeout] {
        let (world, sandbox) = sandboxed::world().await;
        let call =
            world.requested(json!({"method": "POST", "path": "/v1/customers", "params": {"email": "a@b.c"}}));
        sandbox.fault(fault.clone(), 1);
        let ended = world.make(call.clone()).await.unwrap();
        assert_eq!(done(&ended)["email"], "a@b.c", "{}", fault.name());
        assert_eq!(sandbox.executions(&world.key_of(&call)), 1, "{}", fault.name());
        let again = world.make(call).await.unwrap();
        assert_eq!((again.replayed, done(&again)), (true, done(&ended)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_other_side_does_not_know_is_reported_as_it_is() {
    let (world, _sandbox) = sandboxed::world().await;
    for method in ["GET", "POST", "DELETE"] {
        let call = world.asked(REQUEST, unlisted(method), method, Class::Interactive);
        let ended = world.make(call).await.unwrap();
        let Settled::Rejected(error) = &ended.settled else { panic!("{method}: {ended:?}") };
        assert_eq!(error.status, 404, "{method}");
        assert!(error.message().unwrap().contains("/v1/new_things/thing_1"), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_number_is_refused_unless_its_write_is_on_record() {
    let world = World::new().await;
    let card = json!({"number": "4111111111111111", "exp_month": 1, "exp_year": 2030});
    let call = world.requested(json!({"method": "POST", "path": "/v1/payment_methods",
                                      "params": {"type": "card", "card": card}}));
    let refused = world.make(call.clone()).await.unwrap_err();
    let CallError::Unfinished { failure, call: None } = refused else { panic!("{refused:?}") };
    assert_eq!(failure.field.as_deref(), Some("config.card.number"));
    assert!(world.script.sent().is_empty() && world.intent(&call).await.is_none());
    // A release that let it pass has begun it and broken off: whoever repeats it finds out.
    let key = world.key_of(&call);
    let request = call.plan.clone().into_request(Kind::Write(key.clone())).unwrap();
    world.caller.begin(&call, key, request, Vec::new()).await.unwrap();
    world.script.writes([answered(200, json!({"id": "pm_1"}))]);
    assert_eq!(done(&world.make(call).await.unwrap())["id"], "pm_1");
}
