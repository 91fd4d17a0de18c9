//! Who acts on Bursar from outside: callers, customers, the post, and bad luck.

use std::{sync::Arc, time::Duration};

use connections::Wanted;
use model::{CallerKey, Cause};
use sandbox::Delivery;
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use super::{person, plan::Start, world::World};
use crate::http;

/// Everybody who acts, on one tracker.
pub fn set_out(world: &Arc<World>, tasks: &TaskTracker) {
    for start in world.plan.starts.clone() {
        tasks.spawn(call(world.clone(), start.clone()));
        tasks.spawn(change_mind(world.clone(), start));
    }
    for (after, fault, times) in world.plan.faults.clone() {
        let world = world.clone();
        tasks.spawn(async move {
            tokio::time::sleep(after).await;
            world.sandbox.fault(fault, times);
        });
    }
    tasks.spawn(person::watch_over(world.clone()));
    tasks.spawn(carry(world.clone(), tasks.clone()));
}

/// A caller: asks for a run under its key until it is told which, sometimes twice.
async fn call(world: Arc<World>, start: Start) {
    tokio::time::sleep(start.after).await;
    ask_until_told(&world, &start).await;
    if start.asks_twice {
        tokio::time::sleep(Duration::from_secs(20)).await;
        ask_until_told(&world, &start).await;
    }
}

/// Somebody does not want a run any more, and says so until there is an answer.
async fn change_mind(world: Arc<World>, start: Start) {
    let Some(after) = start.cancels_after else { return };
    tokio::time::sleep(start.after + after).await;
    loop {
        let told = world.record.promises().told.get(&start.key).and_then(|runs| runs.first().copied());
        if let Some(run) = told {
            let bursar = world.up().await;
            match bursar.ask(bursar.app.driver.cancel(world.setup.company, run, person::somebody())).await {
                Some(Ok(_)) => return,
                Some(Err(failure)) if failure.code != model::Code::StoreUnavailable => {
                    return world.record.trouble(format!("{run} could not be canceled: {failure:?}"));
                }
                Some(Err(_)) | None => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

async fn ask_until_told(world: &World, start: &Start) {
    loop {
        let bursar = world.up().await;
        let asked = engine::Start {
            company: world.setup.company,
            workflow: world.setup.invoice,
            cause: Cause::Caller(CallerKey::parse(start.key.clone()).expect("a key of ours")),
            input: json!({ "email": start.email, "amount": start.amount }),
            connection: Wanted::Default,
        };
        match bursar.ask(bursar.app.driver.start(asked)).await {
            Some(Ok(started)) => return world.record.told(start, started.run.id),
            Some(Err(failure)) => world.record.trouble(format!("{} was refused: {failure:?}", start.key)),
            None => {}
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

/// The post: takes what Stripe wants delivered, for ever.
async fn carry(world: Arc<World>, tasks: TaskTracker) {
    let mut rng = fastrand::Rng::with_seed(world.plan.seed ^ 0x9057);
    loop {
        // While nobody is there nothing is taken; Stripe would only try in vain.
        world.up().await;
        for delivery in world.sandbox.due_deliveries() {
            if delivery.attempt == 0 {
                notice(&world, &tasks, &delivery);
            }
            treat(&world, &tasks, &mut rng, delivery);
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(10..=150))).await;
    }
}

/// Decides a delivery's fate.
fn treat(world: &Arc<World>, tasks: &TaskTracker, rng: &mut fastrand::Rng, delivery: Delivery) {
    let post = world.plan.post;
    let mut happens = |chance: u32| rng.u32(..100) < chance;
    let (lost, twice, late, forged) =
        (happens(post.lost), happens(post.twice), happens(post.late), happens(post.forged));
    let delay = Duration::from_millis(if late { rng.u64(100..=8_000) } else { rng.u64(1..=30) });
    if forged {
        world.record.post("forged");
        tasks.spawn(forge(world.clone(), delivery.clone(), rng.u32(..)));
    }
    if lost {
        world.record.post("lost");
        world.sandbox.carried(delivery.id, 0);
        return;
    }
    if twice {
        world.record.post("twice");
        let again = Duration::from_millis(rng.u64(1..=5_000));
        tasks.spawn(deliver(world.clone(), delivery.clone(), again, false));
    }
    if late {
        world.record.post("late");
    }
    tasks.spawn(deliver(world.clone(), delivery, delay, true));
}

/// Delivers once; the main copy reports how it ended.
async fn deliver(world: Arc<World>, delivery: Delivery, after: Duration, main: bool) {
    tokio::time::sleep(after).await;
    let mut status = 0;
    if let Some(bursar) = world.now_up() {
        let signature = delivery.signature.as_bytes();
        let body = delivery.body.clone();
        let sent = http::deliver(&bursar.router, world.setup.company, Some(signature), body);
        status = bursar.ask(sent).await.map_or(0, |answer| answer.status);
    }
    match status {
        200 => world.record.acknowledged(&delivery.event, &delivery.body),
        0 | 503 => {}
        other => world.record.trouble(format!("{} was answered {other}", delivery.event)),
    }
    if main {
        world.sandbox.carried(delivery.id, status);
    }
}

/// Sends an event that Stripe never made, under the signature of one that it did, or
/// under a signature by somebody who does not know the secret.
async fn forge(world: Arc<World>, delivery: Delivery, n: u32) {
    let Some(bursar) = world.now_up() else { return };
    let forged = format!("evt_forged{n:08x}");
    let body = delivery.body.replace(&delivery.event, &forged);
    let signature = if n.is_multiple_of(2) {
        delivery.signature
    } else {
        let guess = stripe::signature::Secret::new("whsec_guessed").expect("text");
        stripe::signature::sign(&[guess], body.as_bytes(), model::Clock::now(&*world.clock))
    };
    world.record.promises().forged.insert(forged.clone());
    let sent = http::deliver(&bursar.router, world.setup.company, Some(signature.as_bytes()), body);
    if bursar.ask(sent).await.is_some_and(|answer| answer.status == 200) {
        world.record.promises().fooled.insert(forged);
    }
}

/// The customer reads its mail: an invoice that was sent gets paid.
fn notice(world: &Arc<World>, tasks: &TaskTracker, delivery: &Delivery) {
    let event: Value = serde_json::from_str(&delivery.body).unwrap_or_default();
    if event["type"] != "invoice.sent" {
        return;
    }
    let invoice = &event["data"]["object"];
    let email = invoice["customer_email"].as_str().unwrap_or_default();
    let patience = world.plan.starts.iter().find(|s| s.email == email).map(|s| s.pays_after);
    let id = invoice["id"].as_str().unwrap_or_default().to_owned();
    tasks.spawn(pay(world.clone(), id, patience.unwrap_or_default()));
}

async fn pay(world: Arc<World>, invoice: String, after: Duration) {
    tokio::time::sleep(after).await;
    if world.record.promises().paid.contains(&invoice) {
        return;
    }
    match world.sandbox.pay_invoice(&invoice, "pm_card_visa").await {
        Ok(_) => _ = world.record.promises().paid.insert(invoice),
        // Somebody canceled, and the invoice was voided before its customer came.
        Err(_) if world.sandbox.object(&invoice).is_some_and(|it| it["status"] == "void") => {}
        Err(body) => world.record.trouble(format!("the customer could not pay {invoice}: {body}")),
    }
}
