//! Whole lists: page after page, whatever goes wrong in the middle.

use std::{sync::Arc, time::Duration};

use model::Code;
use sandbox::{Fault, Watched};
use serde_json::{Value, json};
use stripe::Attempt;
use tokio::time::Instant;

use super::{sandboxed, world::*};
use crate::{Call, Caller, CallerParts, Class, Limits, Page, Pages};

/// A world with this many customers; their ids, oldest first.
async fn peopled(number: usize) -> (World, Watched, Vec<String>) {
    let (world, sandbox) = sandboxed::world().await;
    let mut ids = Vec::new();
    for n in 0..number {
        let made =
            world.made("createCustomer", json!({"name": n.to_string()}), &format!("customer {n}")).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    (world, sandbox, ids)
}

impl World {
    fn listing(&self, input: Value, class: Class) -> Call {
        self.asked("stripe.listCustomers", input, "listing", class)
    }
}

fn ids(page: &Page) -> Vec<String> {
    page.rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn rest(pages: &mut Pages) -> Vec<String> {
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        seen.extend(ids(&page));
    }
    seen
}

fn asked(sandbox: &Watched) -> usize {
    sandbox.journal().iter().filter(|entry| entry.method == "GET").count()
}

#[tokio::test(start_paused = true)]
async fn no_page_is_read_before_it_is_asked_for() {
    let (world, sandbox, mut made) = peopled(45).await;
    let mut pages = world.caller.pages(world.listing(json!({"all": true, "limit": 20}), Class::Interactive));
    let mut seen = Vec::new();
    for (asked_before, rows) in [(0, 20), (1, 20), (2, 5)] {
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(asked(&sandbox), asked_before);
        let page = pages.next().await.unwrap().unwrap();
        assert_eq!(page.rows.len(), rows);
        assert!(page.stripe_request_id.is_some());
        seen.extend(ids(&page));
    }
    assert_eq!(pages.next().await, Ok(None));
    assert_eq!((asked(&sandbox), pages.taken().objects, pages.taken().pages), (3, 45, 3));
    made.reverse();
    assert_eq!(seen, made);
    assert_eq!(pages.taken().last, made.pop());
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_in_the_middle_is_repeated_and_nothing_is_left_out() {
    let (world, sandbox, mut made) = peopled(45).await;
    made.reverse();
    for class in [Class::Interactive, Class::Background] {
        for fault in [
            Fault::RateLimited { reason: "global-rate".into() },
            Fault::RateLimited { reason: "endpoint-concurrency".into() },
            Fault::Stored500,
            Fault::Reset,
            Fault::LostAnswer,
            Fault::Slow { ms: 3_000 },
        ] {
            let mut pages = world.caller.pages(world.listing(json!({"all": true, "limit": 20}), class));
            let mut seen = ids(&pages.next().await.unwrap().unwrap());
            let before = asked(&sandbox);
            sandbox.fault_at(fault.clone(), 2, Some("GET"), None);
            seen.extend(rest(&mut pages).await);
            assert_eq!(seen, made, "{}", fault.name());
            let met = sandbox.journal().iter().filter(|entry| entry.fault.is_some()).count();
            assert!(met > 0 && asked(&sandbox) >= before + 2, "{}", fault.name());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_cannot_go_on_says_how_to_and_goes_on_when_it_is_asked_again() {
    let (world, sandbox, mut made) = peopled(30).await;
    made.reverse();
    let input = json!({"all": true, "limit": 10});
    let mut pages = world.caller.pages(world.listing(input, Class::Background));
    let mut seen = ids(&pages.next().await.unwrap().unwrap());
    // As often as a read is repeated.
    sandbox.fault_at(Fault::Stored500, 8, Some("GET"), None);
    let failure = pages.next().await.unwrap_err();
    let details = failure.details.clone().unwrap();
    assert_eq!((&details["count"], &details["after"]), (&json!(10), &json!(made[9])));
    assert_eq!(details["resume"], json!({"startingAfter": made[9]}));
    assert!(failure.message.contains("broke off after 10 objects"), "{failure}");
    assert!(failure.message.contains(&format!("`startingAfter: {}`", made[9])), "{failure}");
    let resumed = json!({"all": true, "limit": 10, "startingAfter": made[9]});
    let mut other = world.caller.pages(world.listing(resumed, Class::Interactive));
    assert_eq!(rest(&mut other).await, made[10..]);
    seen.extend(rest(&mut pages).await);
    assert_eq!(seen, made);
}

#[tokio::test(start_paused = true)]
async fn an_interactive_listing_waits_for_a_page_as_long_as_for_any_call() {
    let (world, sandbox, _) = peopled(30).await;
    let input = json!({"all": true, "limit": 10});
    let mut pages = world.caller.pages(world.listing(input, Class::Interactive));
    pages.next().await.unwrap();
    sandbox.fault_at(Fault::Reset, 1_000, Some("GET"), None);
    let began = Instant::now();
    let failure = pages.next().await.unwrap_err();
    assert!(began.elapsed() > crate::BUDGET / 2 && began.elapsed() <= crate::BUDGET, "{:?}", began.elapsed());
    assert!(failure.message.contains("changes nothing at Stripe"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_first_page_that_cannot_be_had_is_refused_like_any_read() {
    let (world, _sandbox, _) = peopled(1).await;
    let input = json!({"all": true, "startingAfter": "cus_none"});
    let mut pages = world.caller.pages(world.listing(input.clone(), Class::Interactive));
    let failure = pages.next().await.unwrap_err();
    let single = world.make(world.listing(input, Class::Interactive)).await.unwrap();
    assert_eq!(Some(failure), single.settled.failure());
}

#[tokio::test(start_paused = true)]
async fn backwards_it_runs_from_old_to_new_and_follows_what_is_made_meanwhile() {
    let (world, _sandbox, mut made) = peopled(25).await;
    let input = json!({"all": true, "limit": 10, "endingBefore": made[0]});
    let mut pages = world.caller.pages(world.listing(input, Class::Background));
    let mut seen = ids(&pages.next().await.unwrap().unwrap());
    let new = world.made("createCustomer", json!({"name": "new"}), "new").await;
    made.push(new["id"].as_str().unwrap().to_owned());
    seen.extend(rest(&mut pages).await);
    assert_eq!(seen, made[1..]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_leads_nowhere_is_handed_out_before_the_listing_ends() {
    let world = World::new().await;
    let body = json!({"object": "list", "has_more": true, "data": [{"id": "cus_2"}, {"id": "cus_1"}]});
    world.script.read("/v1/customers", answered(200, body));
    let mut pages = world.caller.pages(world.listing(json!({"all": true}), Class::Interactive));
    assert_eq!(ids(&pages.next().await.unwrap().unwrap()), ["cus_2", "cus_1"]);
    assert_eq!(ids(&pages.next().await.unwrap().unwrap()), ["cus_2", "cus_1"]);
    for _ in 0..2 {
        let failure = pages.next().await.unwrap_err();
        assert_eq!(
            (failure.code, &failure.details.as_ref().unwrap()["after"]),
            (Code::ApiError, &json!("cus_1"))
        );
        assert!(failure.message.contains("the same again"), "{failure}");
    }
    assert_eq!(world.script.read_paths().len(), 2);
}

/// Two requests that want one token: a page of a listing, and a single read that asks
/// later. Which of them went first.
async fn first_of(first_page: bool, class: Class) -> String {
    let world = World::new().await;
    let body = json!({"object": "list", "has_more": true, "data": [{"id": "cus_2"}]});
    world.script.read("/v1/customers", answered(200, body));
    world.script.read("/v1/balance", answered(200, json!({"object": "balance"})));
    let limits = Limits { total_test: 1.0, ..Limits::default() };
    let caller = Caller::new(CallerParts { limits, ..(*world.caller.parts).clone() });
    let mut pages = caller.pages(world.listing(json!({"all": true}), class));
    if !first_page {
        pages.next().await.unwrap();
    }
    let single = || world.asked("stripe.getBalance", json!({}), "k", class);
    for _ in 0..if first_page { 5 } else { 4 } {
        caller.call(single(), &mut |_, _| {}).await.unwrap();
    }
    let before = world.script.read_paths().len();
    let later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        caller.call(single(), &mut |_, _| {}).await.unwrap();
    };
    let (page, ()) = tokio::join!(pages.next(), later);
    page.unwrap();
    world.script.read_paths()[before].clone()
}

#[tokio::test(start_paused = true)]
async fn the_pages_after_the_first_go_behind_calls_that_somebody_waits_for() {
    assert_eq!(first_of(true, Class::Interactive).await, "/v1/customers");
    assert_eq!(first_of(false, Class::Interactive).await, "/v1/balance");
    // Nobody waits for either: in the order in which they came.
    assert_eq!(first_of(false, Class::Background).await, "/v1/customers");
}

#[tokio::test(start_paused = true)]
async fn a_listing_in_the_background_waits_as_long_as_it_takes() {
    let world = World::new().await;
    world.script.read("/v1/customers", Attempt::NeverSent("refused".into()));
    let call = world.listing(json!({"all": true}), Class::Background);
    let script = Arc::clone(&world.script);
    let recover = async move {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        script.read("/v1/customers", list(json!([{"id": "cus_1"}])));
    };
    let mut pages = world.caller.pages(call);
    let (page, ()) = tokio::join!(pages.next(), recover);
    assert_eq!(ids(&page.unwrap().unwrap()), ["cus_1"]);
}
