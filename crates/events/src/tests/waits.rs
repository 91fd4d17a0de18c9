//! Waits and the events that come close to them: before the run, beside a workflow
//! that cannot be started, and right before the end of patience.

use std::time::Duration;

use model::{ReceiptStatus, RunStatus};
use serde_json::{Value, json};

use super::{
    node::{BILL, Node, THANK},
    world::World,
};

/// Billed by an event, and waits for the payment of that invoice.
const FOLLOW: &str = "name: Follow\n\
    trigger: { type: webhook, provider: stripe, events: [invoice.finalized] }\n\
    steps:\n  - id: paid\n    type: wait\n    event: [invoice.paid, invoice.finalized]\n    \
    match: { data.object.id: \"{{ event.data.object.id }}\" }\n    atMost: 5d\n\
    output: { heard: \"{{ steps.paid.output.event.type }}\" }\n";

fn event(id: &str, kind: &str, amount: Value) -> String {
    json!({ "id": id, "object": "event", "type": kind, "created": 1_790_000_100, "livemode": false,
            "data": { "object": { "id": "in_1", "customer": "cus_none", "amount_paid": amount } } })
    .to_string()
}

/// Receives an event, and lets a moment pass.
async fn receive(node: &Node<'_>, body: &str) {
    node.receive(body).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_came_between_the_trigger_and_its_run_ends_the_wait() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(FOLLOW).await;
    receive(&node, &event("evt_1", "invoice.finalized", json!(0))).await;
    receive(&node, &event("evt_2", "invoice.paid", json!(5))).await;
    node.settle().await;
    let run = node.runs().await.remove(0);
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!(node.show(run.id).await.output, Some(json!({ "heard": "invoice.paid" })));
}

#[tokio::test(start_paused = true)]
async fn a_run_does_not_hear_the_event_that_started_it() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(FOLLOW).await;
    // Keeps the receipt from being done with: its start is tried again and again.
    let broken = THANK.replace("invoice.paid", "invoice.finalized");
    node.activate(&broken).await;
    receive(&node, &event("evt_1", "invoice.finalized", json!("many"))).await;
    for _ in 0..3 {
        node.settle().await;
        tokio::time::sleep(Duration::from_secs(700)).await;
    }
    let run = node.runs().await.remove(0);
    assert_eq!(run.status, RunStatus::Suspended, "{:#?}", node.show(run.id).await);
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_cannot_be_started_lets_no_other_run_wait() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(FOLLOW).await;
    receive(&node, &event("evt_1", "invoice.finalized", json!(0))).await;
    node.settle().await;
    // Its filter cannot be evaluated on this event.
    node.activate(THANK).await;
    receive(&node, &event("evt_2", "invoice.paid", json!("many"))).await;
    node.settle().await;
    let receipt = node.inbox.show(world.company, "evt_2").await.unwrap();
    assert_eq!(receipt.status, ReceiptStatus::Failed);
    assert_eq!(node.runs().await.remove(0).status, RunStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_received_in_time_is_not_timed_out() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.bill(&node.activate(BILL).await).await;
    node.settle().await;
    let invoice = world.sandbox.objects("invoice")[0]["id"].as_str().unwrap().to_owned();
    world.sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    // Acknowledged, and then nothing is dispatched until the time is up.
    node.take_deliveries().await;
    tokio::time::sleep(Duration::from_secs(46 * 86_400)).await;
    node.driver.drive_until_idle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    assert_eq!(view.output.unwrap()["paid"], json!(true));
}
