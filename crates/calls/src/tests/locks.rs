//! Writes that share an object of Stripe's: one after another, in their order.

use std::time::Duration;

use model::{Code, Retry};
use serde_json::{Value, json};
use stripe::{Attempt, Headers};
use tokio::time::Instant;

use super::world::*;
use crate::Class;

fn ok() -> Attempt {
    answered(200, json!({"id": "x"}))
}

#[tokio::test(start_paused = true)]
async fn writes_that_share_a_lock_go_one_after_another_in_the_order_in_which_they_came() {
    let world = World::new().await;
    world.script.writes((0..6).map(|_| ok()));
    *world.script.slow.lock().unwrap() = Duration::from_secs(2);
    // The customer is in the path of one and a parameter of the others; one shares an
    // invoice only; the last shares nothing.
    let calls: [(&str, Value); 6] = [
        ("updateCustomer", json!({"customerId": "cus_1", "name": "n"})),
        ("createInvoice", json!({"customerId": "cus_1"})),
        (
            "createInvoiceItem",
            json!({"customerId": "cus_1", "invoiceId": "in_1", "amount": 5, "currency": "usd"}),
        ),
        ("finalizeInvoice", json!({"invoiceId": "in_1"})),
        ("updateCustomer", json!({"customerId": "cus_1", "name": "m"})),
        ("updateCustomer", json!({"customerId": "cus_2", "name": "n"})),
    ];
    let began = Instant::now();
    let made = calls.into_iter().enumerate().map(|(n, (action, input))| {
        let call = world.asked(action, input, &n.to_string(), Class::Background);
        let world = &world;
        async move {
            // Each comes a little after the one before.
            tokio::time::sleep(Duration::from_millis(n as u64)).await;
            world.make(call).await.unwrap();
        }
    });
    futures_util::future::join_all(made).await;
    let sent = world.script.sent();
    let at = |path: &str, nth: usize| {
        let times: Vec<_> =
            sent.iter().filter(|seen| seen.path == path).map(|seen| (seen.at - began).as_secs()).collect();
        times[nth]
    };
    assert_eq!((at("/v1/customers/cus_1", 0), at("/v1/invoices", 0), at("/v1/invoiceitems", 0)), (0, 2, 4));
    assert_eq!(at("/v1/customers/cus_1", 1), 6, "it came last of those with the customer");
    assert_eq!(at("/v1/customers/cus_2", 0), 0, "it waits for nobody");
    assert_eq!(
        at("/v1/invoices/in_1/finalize", 0),
        0,
        "the line waits for the customer before it takes the invoice"
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_lock_and_leaves_lets_the_next_one_go() {
    let world = World::new().await;
    world.script.writes((0..2).map(|_| ok()));
    *world.script.slow.lock().unwrap() = Duration::from_secs(5);
    let update = |key: &str| {
        world.asked("updateCustomer", json!({"customerId": "cus_1", "name": key}), key, Class::Background)
    };
    let leaves = tokio::time::timeout(Duration::from_secs(1), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        world.make(update("b")).await
    });
    let last = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        world.make(update("c")).await
    };
    let (first, left, last) = tokio::join!(world.make(update("a")), leaves, last);
    assert!(first.is_ok() && left.is_err() && last.is_ok());
    let sent = world.script.sent();
    assert_eq!((sent.len(), (sent[1].at - sent[0].at).as_secs()), (2, 5));
}

#[tokio::test(start_paused = true)]
async fn a_lock_held_by_others_at_stripe_is_waited_for_and_told_as_safe_to_repeat() {
    let world = World::new().await;
    let locked = || {
        let body =
            json!({"error": {"type": "invalid_request_error", "code": "lock_timeout", "message": "locked"}});
        with(429, Headers::default(), body)
    };
    world.script.writes((0..20).map(|_| locked()));
    let call = world.customer("k", Class::Interactive);
    let began = Instant::now();
    let told = failure(world.make(call.clone()).await);
    assert_eq!((told.code, told.retry), (Code::LockTimeout, Retry::SameKey));
    assert!(told.message.contains("Nothing changed at Stripe"), "{}", told.message);
    assert!(world.script.sent().len() > 2 && began.elapsed() <= crate::BUDGET);
    // Nothing rests for it: others go on at once, and so does this one when it is free.
    world.script.writes.lock().unwrap().clear();
    world.script.writes([ok(), ok()]);
    let began = Instant::now();
    world.make(world.customer("other", Class::Interactive)).await.unwrap();
    world.make(call).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
}
