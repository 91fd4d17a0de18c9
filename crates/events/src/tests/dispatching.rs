//! From receipts to runs: history, failures, retries, replays.

use std::time::Duration;

use model::{Code, ReceiptStatus, RunStatus, SystemClock, SystemRng};
use serde_json::{Value, json};
use store::{Audited, Page, Receipt, Write};

use super::{
    node::{Node, THANK},
    world::World,
};
use crate::RETRIES;

const NOW: i64 = 1_790_000_100;

fn event(id: &str, account: Option<&str>, created: i64, amount: Value) -> String {
    json!({ "id": id, "object": "event", "type": "invoice.paid", "created": created, "livemode": false,
            "account": account,
            "data": { "object": { "id": "in_1", "customer": "cus_none", "amount_paid": amount } } })
    .to_string()
}

pub(super) fn asked_again(receipt: &Receipt) -> Write {
    let moment = (&SystemClock as _, &SystemRng as _);
    let about = (receipt.event.to_string(), "{}".to_owned());
    Audited::entry(moment, receipt.company, None, "event.replayed", about)
}

async fn status(node: &Node<'_>, event: &str) -> ReceiptStatus {
    node.inbox.show(node.world.company, event).await.unwrap().status
}

#[tokio::test(start_paused = true)]
async fn history_starts_nothing() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    tokio::time::sleep(Duration::from_secs(50)).await;
    let thank = node.activate(THANK).await;
    let activated = thank.activated_at.unwrap().as_second();
    node.receive(&event("evt_before", None, activated - 1, json!(5))).await.unwrap();
    node.receive(&event("evt_same_second", None, activated, json!(5))).await.unwrap();
    node.settle().await;
    assert_eq!(status(&node, "evt_before").await, ReceiptStatus::Ignored);
    assert_ne!(status(&node, "evt_same_second").await, ReceiptStatus::Ignored);
    assert_eq!(node.runs().await.len(), 1);
    // Asked for again, it is still from before.
    node.inbox.replay(world.company, "evt_before", asked_again).await.unwrap();
    node.settle().await;
    assert_eq!(node.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_is_tried_six_times_and_then_a_replay_revives_it() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(THANK).await;
    // An account that no connection owns.
    node.receive(&event("evt_1", Some("acct_elsewhere"), NOW, json!(5))).await.unwrap();
    node.receive(&event("evt_2", None, NOW, json!(5))).await.unwrap();
    for (tries, pause) in RETRIES.into_iter().enumerate() {
        assert_eq!(node.dispatcher.step().await.unwrap(), if tries == 0 { 2 } else { 1 });
        let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
        assert_eq!((shown.status, shown.tries as usize), (ReceiptStatus::Failed, tries + 1));
        assert_eq!(shown.error.unwrap()["code"], json!("connection_required"));
        assert_eq!(node.dispatcher.step().await.unwrap(), 0, "not before its time");
        tokio::time::sleep(pause).await;
    }
    node.dispatcher.step().await.unwrap();
    assert_eq!(status(&node, "evt_1").await, ReceiptStatus::Dead);
    assert_eq!(node.runs().await.len(), 1, "the bad receipt did not block the good one");
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    assert_eq!(node.dispatcher.step().await.unwrap(), 0);

    let replayed = node.inbox.replay(world.company, "evt_1", asked_again).await.unwrap();
    assert_eq!((replayed.status, replayed.tries), (ReceiptStatus::Received, 0));
    node.dispatcher.step().await.unwrap();
    assert_eq!(status(&node, "evt_1").await, ReceiptStatus::Failed);
    let done = node.inbox.replay(world.company, "evt_2", asked_again).await.unwrap();
    assert!(matches!(done.status, ReceiptStatus::Dispatched | ReceiptStatus::Done));
    let log = node.store.audit(world.company, Page { limit: 9, after: None }).await.unwrap().rows;
    let replayed: Vec<_> = log.iter().map(|entry| entry.target.as_str()).collect();
    assert_eq!(replayed, ["evt_1"], "an event that stays as it is has no entry");
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_cannot_be_evaluated_stops_its_own_workflow_only() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let thank = node.activate(THANK).await;
    let all =
        THANK.replace("name: Thank the customer", "name: Thank everybody").replace("filter:", "# filter:");
    let all = node.activate(&all).await;
    node.receive(&event("evt_1", None, NOW, json!("many"))).await.unwrap();
    node.settle().await;
    let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
    assert_eq!(shown.status, ReceiptStatus::Failed);
    assert_eq!(shown.error.unwrap()["code"], json!("template_error"));
    let runs = node.runs().await;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].workflow, all.id);
    assert_ne!(runs[0].workflow, thank.id);
    assert_eq!(shown.runs, [runs[0].id]);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_names_another_accounts_connection_does_not_match() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let account = model::AccountId::new("acct_other");
    let credential = stripe::Credential::new(account.clone(), model::Mode::Local, world.sandbox.secret_key());
    let other = connections::NewConnection {
        name: "other".into(),
        account,
        mode: model::Mode::Local,
        base_url: "http://127.0.0.1:12111".into(),
        is_default: false,
        credential,
    };
    node.connections.put(world.company, other).await.unwrap();
    node.activate(&format!("{THANK}\nconnection: other\n")).await;
    node.receive(&event("evt_1", None, NOW, json!(5))).await.unwrap();
    node.settle().await;
    assert_eq!(status(&node, "evt_1").await, ReceiptStatus::Ignored);
    node.receive(&event("evt_2", Some("acct_other"), NOW, json!(5))).await.unwrap();
    node.dispatcher.step().await.unwrap();
    let runs = node.runs().await;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].binding.account.as_str(), "acct_other");
}

#[tokio::test(start_paused = true)]
async fn a_paused_workflow_starts_nothing_and_a_failed_run_still_ends_its_receipt() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let thank = node.activate(THANK).await;
    node.receive(&event("evt_1", None, NOW, json!(5))).await.unwrap();
    node.settle().await;
    // There is no such customer.
    let run = node.runs().await.remove(0);
    assert_eq!(run.status, RunStatus::Failed);
    let view = node.show(run.id).await;
    assert_eq!(view.error.unwrap().code, Code::ResourceMissing);
    assert_eq!(status(&node, "evt_1").await, ReceiptStatus::Done);
    node.lifecycle.pause(world.company, thank.id).await.unwrap();
    node.receive(&event("evt_2", None, NOW, json!(5))).await.unwrap();
    node.settle().await;
    assert_eq!(status(&node, "evt_2").await, ReceiptStatus::Ignored);
    assert_eq!(node.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thin_event_is_dispatched_and_its_text_time_decides_about_history() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    // Without `events`, every event.
    let all =
        THANK.replace("events: [invoice.paid]", "# events: [invoice.paid]").replace("filter:", "# filter:");
    node.activate(&all).await;
    let thin = |id: &str, created: &str| {
        json!({ "id": id, "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found",
                "created": created, "livemode": false, "related_object": { "id": "mtr_1" } })
        .to_string()
    };
    node.receive(&thin("evt_old", "2020-01-01T00:00:00.000Z")).await.unwrap();
    node.receive(&thin("evt_new", "2030-01-01T00:00:00.000Z")).await.unwrap();
    node.dispatcher.step().await.unwrap();
    assert_eq!(status(&node, "evt_old").await, ReceiptStatus::Ignored);
    assert_eq!(status(&node, "evt_new").await, ReceiptStatus::Dispatched);
}

#[tokio::test(start_paused = true)]
async fn the_dispatcher_wakes_when_something_arrives_and_when_it_falls_due() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(THANK).await;
    let dispatcher = node.dispatcher.clone();
    let running = async { tokio::time::timeout(Duration::from_secs(30), dispatcher.run()).await.is_err() };
    let arriving = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        node.receive(&event("evt_1", None, NOW, json!(5))).await.unwrap();
        node.receive(&event("evt_2", Some("acct_elsewhere"), NOW, json!(5))).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(node.runs().await.len(), 1);
        tokio::time::sleep(Duration::from_secs(11)).await;
        node.inbox.show(world.company, "evt_2").await.unwrap().tries
    };
    let (ran_on, tries) = futures_util::future::join(running, arriving).await;
    assert!(ran_on);
    assert_eq!(tries, 2);
}
