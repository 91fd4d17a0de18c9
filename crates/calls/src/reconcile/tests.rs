use std::{sync::Arc, time::Duration};

use model::{Clock, Code, Retry};
use serde_json::{Value, json};
use stripe::{Attempt, Headers};

use crate::{Call, Caller, CallerParts, Class, Ended, Known, Settled, tests::world::*};

/// A write whose answer is a kept 500, with no event of it.
async fn after_a_kept_500(world: &World, call: Call) -> Ended {
    world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "kept"))]);
    world.script.read("/v1/events", list(json!([])));
    world.make(call).await.unwrap()
}

/// The write of an intent whose kept failure a look has proved to be the end of it.
fn is_not_done(ended: &Ended) {
    let Settled::NotDone(why) = &ended.settled else { panic!("{:?}", ended.settled) };
    assert_eq!((why.code, why.retry), (Code::ApiError, Retry::Never));
    assert!(why.message.contains("Nothing changed at Stripe."), "{why}");
    assert_eq!(why.stripe.as_ref().unwrap()["type"], "api_error", "Stripe's own error stays");
}

fn parked(ended: &Ended) -> &Known {
    match &ended.settled {
        Settled::Parked(known) => known,
        other => panic!("{other:?}"),
    }
}

fn finalize(world: &World) -> Call {
    world.asked("finalizeInvoice", json!({"invoiceId": "in_1"}), "k", Class::Background)
}

async fn invoice_is(world: &World, status: &str) -> Ended {
    let invoice = json!({"id": "in_1", "object": "invoice", "status": status});
    world.script.read("/v1/invoices/in_1", answered(200, invoice));
    after_a_kept_500(world, finalize(world)).await
}

#[tokio::test(start_paused = true)]
async fn a_state_that_only_the_write_leads_to_is_done() {
    let world = World::new().await;
    assert_eq!(done(&invoice_is(&world, "open").await)["status"], "open");
}

#[tokio::test(start_paused = true)]
async fn a_state_from_before_the_write_is_not_done_and_the_error_stands() {
    let world = World::new().await;
    is_not_done(&invoice_is(&world, "draft").await);
    assert_eq!(world.script.sent().len(), 2, "a kept answer is not asked for forever");
}

#[tokio::test(start_paused = true)]
async fn a_state_that_does_not_tell_parks() {
    let world = World::new().await;
    let ended = invoice_is(&world, "brand_new_status").await;
    assert_eq!(parked(&ended).seen["status"], "brand_new_status");
}

async fn customer_is(world: &World, customer: Value) -> Ended {
    let input = json!({"customerId": "cus_1", "name": "New", "metadata": {"a": "1"}});
    world.script.read("/v1/customers/cus_1", answered(200, customer));
    let call = world.asked("updateCustomer", input, "k", Class::Background);
    after_a_kept_500(world, call).await
}

#[tokio::test(start_paused = true)]
async fn values_that_are_all_there_are_done() {
    let world = World::new().await;
    let customer = json!({"id": "cus_1", "name": "New", "metadata": {"a": "1", "b": "2"}});
    assert_eq!(done(&customer_is(&world, customer.clone()).await), &customer);
}

#[tokio::test(start_paused = true)]
async fn values_of_which_none_is_there_are_not_done() {
    let world = World::new().await;
    let customer = json!({"id": "cus_1", "name": "Old", "metadata": {}});
    is_not_done(&customer_is(&world, customer).await);
}

#[tokio::test(start_paused = true)]
async fn values_of_which_some_are_there_park() {
    let world = World::new().await;
    let customer = json!({"id": "cus_1", "name": "New", "metadata": {}});
    assert_eq!(parked(&customer_is(&world, customer).await).seen["same"], 1);
}

async fn customers_are(world: &World, rows: Value) -> Ended {
    world.script.read("/v1/customers", list(rows));
    after_a_kept_500(world, world.customer("k", Class::Background)).await
}

fn ada(id: &str, created: i64) -> Value {
    json!({"id": id, "object": "customer", "email": "a@b.c", "name": "Ada", "created": created})
}

#[tokio::test(start_paused = true)]
async fn one_object_alike_is_probably_done_and_shown_to_a_person() {
    let world = World::new().await;
    let old_and_other =
        [ada("cus_old", 1_700_000_000), json!({"id": "cus_x", "email": "a@b.c", "name": "Eve"})];
    let rows = json!([ada("cus_1", 1_800_000_001), old_and_other[0], old_and_other[1]]);
    let ended = customers_are(&world, rows).await;
    let known = parked(&ended);
    assert_eq!(known.seen["candidates"].as_array().unwrap().len(), 1);
    assert_eq!((known.failure.code, &known.seen["candidates"][0]["id"]), (Code::Parked, &json!("cus_1")));
}

#[tokio::test(start_paused = true)]
async fn a_complete_list_without_one_alike_is_not_done() {
    let world = World::new().await;
    is_not_done(&customers_are(&world, json!([ada("cus_old", 1_700_000_000)])).await);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nothing_tells_from_others_parks() {
    let world = World::new().await;
    let call = world.asked("createCustomer", json!({"name": "Ada"}), "k", Class::Background);
    let ended = after_a_kept_500(&world, call).await;
    assert_eq!(parked(&ended).failure.code, Code::Parked);
    assert!(world.script.read_paths().iter().all(|path| path == "/v1/events"));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_no_finding() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "kept"))]);
    world.script.read("/v1/events", Attempt::Broken("reset".into()));
    let invoice = json!({"id": "in_1", "object": "invoice", "status": "open"});
    world.script.read("/v1/invoices/in_1", Attempt::NeverSent("refused".into()));
    let recover = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        world.script.read("/v1/events", list(json!([])));
        tokio::time::sleep(Duration::from_secs(60)).await;
        world.script.read("/v1/invoices/in_1", answered(200, invoice));
    };
    let (ended, ()) = tokio::join!(world.make(finalize(&world)), recover);
    assert_eq!(done(&ended.unwrap())["status"], "open");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_may_not_list_events_still_reads_the_object() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "kept"))]);
    world.script.read("/v1/events", answered(403, error("invalid_request_error", "no permission")));
    let invoice = json!({"id": "in_1", "object": "invoice", "status": "draft"});
    world.script.read("/v1/invoices/in_1", answered(200, invoice));
    is_not_done(&world.make(finalize(&world)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_object_that_may_have_been_changed_since_parks_where_events_cannot_be_read() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(500, error("api_error", "kept"))]);
    world.script.read("/v1/events", answered(403, error("invalid_request_error", "no permission")));
    let mut renamed = ada("cus_1", 1_800_000_001);
    renamed["name"] = json!("Ada Lovelace");
    world.script.read("/v1/customers", list(json!([renamed])));
    let ended = world.make(world.customer("k", Class::Background)).await.unwrap();
    assert_eq!(parked(&ended).seen["candidates"][0]["id"], "cus_1");
}

/// A clock that was right two days ahead and has been set back.
struct Behind(Arc<dyn Clock>);

impl Clock for Behind {
    fn now(&self) -> model::Timestamp {
        model::from_micros(model::micros(self.0.now()) - 48 * 3_600_000_000)
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_since_makes_no_key_young_again() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({}))]);
    let call = world.customer("k", Class::Background);
    assert!(tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await.is_err());
    // More than a day passes; by the clock it is before the first attempt.
    tokio::time::advance(Duration::from_secs(30 * 3600)).await;
    world.script.read("/v1/events", list(json!([])));
    world.script.read("/v1/customers", list(json!([ada("cus_1", 1_799_900_000)])));
    let clock: Arc<dyn Clock> = Arc::new(Behind(world.clock.clone()));
    let caller = Caller::new(CallerParts { clock, ..(*world.caller.parts).clone() });
    let ended = caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!(parked(&ended).seen["candidates"][0]["id"], "cus_1");
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_intent_is_for_a_person_and_nothing_is_sent() {
    let world = World::new().await;
    world.store.damaged.store(true, std::sync::atomic::Ordering::SeqCst);
    let call = world.customer("k", Class::Background);
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await;
    for failure in [failure(world.make(call).await), failure(ended)] {
        assert_eq!((failure.code, failure.retry), (Code::InternalError, Retry::Ask));
    }
    assert!(world.script.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_key_of_ours_that_met_other_parameters_is_never_sent_again() {
    let world = World::new().await;
    world.script.writes([answered(400, error("idempotency_error", "other parameters"))]);
    world.script.read("/v1/events", list(json!([])));
    world.script.read("/v1/customers", list(json!([])));
    let ended = world.make(world.customer("k", Class::Background)).await.unwrap();
    assert_eq!(parked(&ended).failure.code, Code::Parked);
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_that_nothing_is_found_of_is_sent_again() {
    let world = World::new().await;
    let headers = Headers { should_retry: Some(false), ..Headers::default() };
    world.script.writes([
        with(409, headers, error("invalid_request_error", "in use")),
        answered(200, json!({"id": "cus_1"})),
    ]);
    world.script.read("/v1/events", list(json!([])));
    world.script.read("/v1/customers", list(json!([])));
    let ended = world.make(world.customer("k", Class::Background)).await.unwrap();
    assert_eq!(done(&ended)["id"], "cus_1");
    let sent = world.script.sent();
    assert_eq!((sent.len(), &sent[0].key, &sent[0].form), (2, &sent[1].key, &sent[1].form));
}

#[tokio::test(start_paused = true)]
async fn past_stripes_memory_nothing_is_sent_and_nothing_found_parks() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({}))]);
    let call = world.customer("k", Class::Background);
    let cut = tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await;
    assert!(cut.is_err());
    tokio::time::advance(Duration::from_secs(23 * 3600)).await;
    world.script.read("/v1/events", list(json!([])));
    world.script.read("/v1/customers", list(json!([])));
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert!(parked(&ended).failure.message.contains("not sent again"), "{:?}", parked(&ended));
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_hour_before_it_the_same_bytes_still_go_out() {
    let world = World::new().await;
    world.script.writes([answered(500, json!({})), replayed(200, json!({"id": "cus_1"}))]);
    let call = world.customer("k", Class::Background);
    assert!(tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await.is_err());
    tokio::time::advance(Duration::from_secs(22 * 3600)).await;
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!((done(&ended)["id"].as_str(), world.script.sent().len()), (Some("cus_1"), 2));
}

/// Stripe's own word that repeating tells nothing.
fn final_500() -> Attempt {
    let headers = Headers { should_retry: Some(false), ..Headers::default() };
    with(500, headers, error("api_error", "no"))
}

/// Stripe keeps names in its own way, so the row does not look like what was asked for.
fn customer_was_made(world: &World) {
    let mut row = ada("cus_1", 1_800_000_001);
    row["email"] = json!("A@B.C");
    world.script.read("/v1/customers", list(json!([row])));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_listed_late_keeps_a_write_from_counting_as_not_done() {
    let world = World::new().await;
    world.script.writes([final_500()]);
    world.script.read("/v1/events", list(json!([])));
    customer_was_made(&world);
    let call = world.customer("k", Class::Background);
    let row = ada("cus_1", 1_800_000_001);
    let event = json!({"id": "evt_1", "type": "customer.created", "data": {"object": row},
                       "request": {"id": "req_1", "idempotency_key": world.key_of(&call)}});
    world.script.read("/v1/customers/cus_1", answered(200, row));
    let later = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        world.script.read("/v1/events", list(json!([event])));
    };
    let (ended, ()) = tokio::join!(world.make(call), later);
    assert_eq!(done(&ended.unwrap())["id"], "cus_1");
    assert_eq!(world.script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_waits_is_told_that_it_is_unknown_until_events_can_be_believed() {
    let world = World::new().await;
    world.script.writes([final_500()]);
    world.script.writes((0..9).map(|_| replayed(500, error("api_error", "no"))));
    world.script.read("/v1/events", list(json!([])));
    customer_was_made(&world);
    let call = world.customer("k", Class::Interactive);
    let mut unknown = 0;
    let ended = loop {
        match world.make(call.clone()).await {
            Ok(ended) => break ended,
            other => assert_eq!(failure(other).code, Code::OutcomeUnknown),
        }
        unknown += 1;
        assert!(unknown < 9, "one who asks again and again comes to an end");
    };
    is_not_done(&ended);
    assert!(unknown >= 2);
}

#[tokio::test(start_paused = true)]
async fn our_own_sandbox_lists_an_event_with_its_write() {
    let script = Arc::new(crate::tests::world::Script::default());
    let world = World::over(script.clone(), script, "acct_1", SECRET, model::Mode::Local).await;
    world.script.writes([final_500()]);
    world.script.read("/v1/events", list(json!([])));
    world.script.read("/v1/customers", list(json!([])));
    is_not_done(&world.make(world.customer("k", Class::Background)).await.unwrap());
    assert_eq!(world.script.read_paths(), ["/v1/events", "/v1/customers"], "one look is enough");
}
