use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use model::{Code, Retry};
use serde_json::json;
use stripe::{Attempt, Headers};
use tokio::time::Instant;

use super::world::*;
use crate::{Caller, CallerParts, Class, Limits, Settled};

fn limited(retry_after: u64, reason: &str) -> Attempt {
    let headers = Headers {
        retry_after: Some(Duration::from_secs(retry_after)),
        rate_limited_reason: Some(reason.into()),
        ..Headers::default()
    };
    with(429, headers, json!({"error": {"type": "invalid_request_error", "code": "rate_limit"}}))
}

#[tokio::test(start_paused = true)]
async fn a_429_is_obeyed_by_the_call_and_by_all_others_of_the_account() {
    let world = World::new().await;
    world.script.writes([limited(7, "global-rate"), answered(200, json!({})), answered(200, json!({}))]);
    let first = world.make(world.customer("a", Class::Background));
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.make(world.customer("b", Class::Background)).await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok() && second.is_ok());
    let sent = world.script.sent();
    assert!(sent[1..].iter().all(|s| s.at - sent[0].at >= Duration::from_secs(7)), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_holds_its_place_until_its_answer_is_there_or_nobody_waits_for_it() {
    let world = World::new().await;
    let limits = Limits { concurrent_test: 1, ..Limits::default() };
    let caller = Caller::new(CallerParts { limits, ..(*world.caller.parts).clone() });
    world.script.writes((0..3).map(|_| answered(200, json!({"id": "cus_1"}))));
    *world.script.slow.lock().unwrap() = Duration::from_secs(5);
    let make = async |key: &str, after: u64| {
        tokio::time::sleep(Duration::from_millis(after)).await;
        caller.call(world.customer(key, Class::Background), &mut |_, _| {}).await.map(drop)
    };
    let leaves = tokio::time::timeout(Duration::from_secs(1), make("a", 0));
    let (left, second, third) = tokio::join!(leaves, make("b", 10), make("c", 20));
    assert!(left.is_err() && second.is_ok() && third.is_ok());
    let sent = world.script.sent();
    let at: Vec<_> = sent.iter().map(|seen| (seen.at - sent[0].at).as_secs()).collect();
    assert_eq!(at, [0, 1, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_401_waits_in_the_background_and_ends_an_interactive_call() {
    let world = World::new().await;
    let unauthorized = || answered(401, error("invalid_request_error", "Invalid API Key provided"));
    world.script.writes([
        unauthorized(),
        unauthorized(),
        unauthorized(),
        answered(200, json!({"id": "cus_1"})),
    ]);
    let call = world.customer("k", Class::Interactive);
    let told = failure(world.make(call.clone()).await);
    assert_eq!((told.code, told.retry), (Code::AuthenticationError, Retry::Ask));
    assert!(told.message.contains("Nothing changed at Stripe"), "{}", told.message);
    assert_eq!(told.stripe.unwrap()["message"], "Invalid API Key provided");
    assert_eq!(world.script.sent().len(), 1);
    let ended = world.make(crate::Call { class: Class::Background, ..call }).await.unwrap();
    assert_eq!(done(&ended)["id"], "cus_1");
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_stripe_ends_an_interactive_call_within_its_budget() {
    let world = World::new().await;
    world.script.writes((0..10).map(|_| Attempt::NeverSent("connection refused".into())));
    let began = Instant::now();
    let told = failure(world.make(world.customer("k", Class::Interactive)).await);
    assert_eq!((told.code, told.retry), (Code::ConnectionUnreachable, Retry::SameKey));
    assert!(told.message.contains("Nothing changed at Stripe"), "{}", told.message);
    assert!(began.elapsed() <= crate::BUDGET);
}

#[tokio::test(start_paused = true)]
async fn an_answer_slower_than_the_budget_is_an_unknown_outcome() {
    let world = World::new().await;
    world.script.writes([answered(200, json!({}))]);
    *world.script.slow.lock().unwrap() = Duration::from_secs(60);
    let began = Instant::now();
    let told = failure(world.make(world.customer("k", Class::Interactive)).await);
    assert_eq!((told.code, began.elapsed().as_secs()), (Code::OutcomeUnknown, 20));
}

#[tokio::test(start_paused = true)]
async fn who_watches_hears_why_a_call_waits_longer_each_time() {
    let world = World::new().await;
    world.script.writes((0..7).map(|_| Attempt::NeverSent("refused".into())));
    world.script.writes([answered(200, json!({}))]);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let mut call = world.customer("k", Class::Background);
    let note = heard.clone();
    call.watch = Some(Arc::new(move |failure| note.lock().unwrap().push(failure.code)));
    world.make(call).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), [Code::ConnectionUnreachable; 7]);
    let sent = world.script.sent();
    for (n, pair) in sent.windows(2).enumerate() {
        let full = Duration::from_millis((500 << n).min(8_000));
        let waited = pair[1].at - pair[0].at;
        assert!(
            waited > full / 2 - Duration::from_millis(2) && waited <= full + Duration::from_millis(2),
            "{n}: {waited:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_connection_is_told_before_anything_is_noted() {
    let world = World::new().await;
    let mut call = world.customer("k", Class::Interactive);
    call.binding.connection = model::ConnectionId::new(&*world.clock, &model::SeededRng::new(99));
    assert_eq!(failure(world.make(call.clone()).await).code, Code::ConnectionRequired);
    assert_eq!(world.intent(&call).await, None);
}

#[tokio::test(start_paused = true)]
async fn an_intent_never_goes_out_for_another_account() {
    let world = World::new().await;
    let mut call = world.customer("k", Class::Background);
    call.binding.account = model::AccountId::new("acct_other");
    let waited = tokio::time::timeout(Duration::from_secs(100), world.make(call.clone())).await;
    assert!(waited.is_err(), "it waits for the right connection");
    assert!(world.script.sent().is_empty());
    assert!(world.intent(&call).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_until_it_answers_and_leaves_no_record() {
    let world = World::new().await;
    world.script.read("/v1/customers/cus_1", Attempt::Broken("reset".into()));
    let call = world.asked("stripe.getCustomer", json!({"customerId": "cus_1"}), "k", Class::Background);
    let answer = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        world.script.read("/v1/customers/cus_1", answered(200, json!({"id": "cus_1"})));
    };
    let (ended, ()) = tokio::join!(world.make(call.clone()), answer);
    let ended = ended.unwrap();
    assert_eq!((done(&ended)["id"].as_str(), &ended.key), (Some("cus_1"), &None));
    assert_eq!(world.intent(&call).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_stripe_cannot_answer_fails_with_its_error() {
    let world = World::new().await;
    world.script.read("/v1/customers/cus_1", answered(500, error("api_error", "broken")));
    let call = world.asked("stripe.getCustomer", json!({"customerId": "cus_1"}), "k", Class::Background);
    let ended = world.make(call).await.unwrap();
    let Settled::NotDone(why) = &ended.settled else { panic!("{:?}", ended.settled) };
    assert!(why.message.contains("A read changes nothing at Stripe"), "{why}");
    assert_eq!(why.code, Code::ApiError);
    assert_eq!(world.script.read_paths().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn what_was_surely_never_sent_still_goes_out_days_later() {
    let world = World::new().await;
    let unauthorized = || answered(401, error("invalid_request_error", "Invalid API Key provided"));
    world.script.writes([unauthorized()]);
    let recover = async {
        tokio::time::advance(Duration::from_secs(72 * 3600)).await;
        world.script.writes([unauthorized(), answered(200, json!({"id": "cus_1"}))]);
    };
    let (ended, ()) = tokio::join!(world.make(world.customer("k", Class::Background)), recover);
    assert_eq!(done(&ended.unwrap())["id"], "cus_1");
    assert_eq!(world.script.sent().len(), 3);
}

#[test]
fn a_call_can_be_spawned() {
    fn spawnable<T: Send>(_: T) {}
    async fn whole(caller: crate::Caller, call: crate::Call) {
        let _ = caller.call(call, &mut |_, _| {}).await;
        caller.sweep().await;
    }
    let _ = |caller, call| spawnable(whole(caller, call));
}
