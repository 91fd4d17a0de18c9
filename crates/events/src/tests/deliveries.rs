//! Receiving: what is taken, what is refused, and that it is taken once.

use bytes::Bytes;
use futures_util::future::join_all;
use model::{Code, ReceiptStatus};
use serde_json::json;
use store::ReceiptFilter;

use super::{
    node::{Node, THANK},
    world::World,
};

fn event(id: &str, created: i64) -> String {
    json!({ "id": id, "object": "event", "type": "invoice.paid", "created": created, "livemode": false,
            "data": { "object": { "id": "in_1", "customer": "cus_none", "amount_paid": 5 } } })
    .to_string()
}

const NOW: i64 = 1_790_000_100;

#[tokio::test(start_paused = true)]
async fn two_hundred_deliveries_of_one_event_start_one_run() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(THANK).await;
    let body = event("evt_many", NOW);
    let received = join_all((0..200).map(|_| node.receive(&body))).await;
    let first = received[0].as_ref().unwrap().receipt;
    assert_eq!(received.iter().filter(|r| !r.as_ref().unwrap().duplicate).count(), 1);
    assert!(
        received.iter().all(|r| r.as_ref().unwrap().receipt == first && r.as_ref().unwrap().listeners == 1)
    );
    let steps = join_all((0..8).map(|_| node.dispatcher.step())).await;
    assert!(steps.iter().all(Result::is_ok));
    assert_eq!(node.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_proves_nothing_is_refused() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let body = event("evt_1", NOW);
    let to = world.company;
    let header = world.sign(&body);
    let receive = |header: Option<String>, body: String| {
        let inbox = node.inbox.clone();
        async move {
            inbox
                .receive(to, header.as_deref().map(str::as_bytes), Bytes::from(body))
                .await
                .map_err(|e| e.code)
        }
    };
    assert_eq!(receive(None, body.clone()).await, Err(Code::InvalidSignature));
    assert_eq!(receive(Some("t=1".into()), body.clone()).await, Err(Code::InvalidSignature));
    assert_eq!(
        receive(Some(header.clone()), body.replace("in_1", "in_2")).await,
        Err(Code::InvalidSignature)
    );
    let live = body.replace("\"livemode\":false", "\"livemode\":true");
    assert_eq!(receive(Some(world.sign(&live)), live).await, Err(Code::InvalidSignature));
    assert_eq!(receive(Some(world.sign("[]")), "[]".into()).await, Err(Code::ValidationError));
    let other = model::CompanyId::new(world.clock.as_ref(), world.rng.as_ref());
    let lost = node.inbox.receive(other, Some(header.as_bytes()), Bytes::from(body.clone())).await;
    assert_eq!(lost.unwrap_err().code, Code::InvalidSignature, "who is known here is told to nobody");
    tokio::time::sleep(std::time::Duration::from_secs(301)).await;
    let stale = node.inbox.receive(to, Some(header.as_bytes()), Bytes::from(body)).await.unwrap_err();
    assert!(stale.message.contains("301 s old"), "{}", stale.message);
    let page = node.inbox.list(to, ReceiptFilter::default(), 100, None).await.unwrap();
    assert!(page.rows.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_nobody_wants_is_kept_and_shown_byte_for_byte() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let body = event("evt_1", NOW);
    let received = node.receive(&body).await.unwrap();
    assert_eq!((received.listeners, received.duplicate), (0, false));
    node.settle().await;
    let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
    assert_eq!(shown.status, ReceiptStatus::Ignored);
    assert_eq!(shown.objects, ["in_1", "cus_none"]);
    assert_eq!(shown.account, world.sandbox.account().to_string());
    assert_eq!(shown.event.unwrap().to_string(), body);
    let again = node.receive(&body).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(
        node.inbox.show(world.company, &received.receipt.to_string()).await.unwrap().id,
        received.receipt
    );
    assert_eq!(node.inbox.show(world.company, "evt_2").await.unwrap_err().code, Code::NotFound);
}
