//! The end of access that Stripe announces, from the delivery to the connection.

use std::time::Duration;

use connections::Way;
use model::{Code, ConnectionStatus, Mode, ReceiptStatus};
use serde_json::json;
use store::Connection;

use super::{
    node::Node,
    platform::{APP, CONNECT},
    troubled::Trouble,
    world::World,
};

const HOUR: Duration = Duration::from_secs(3_600);

fn deauthorized(id: &str, application: &str, created: i64) -> String {
    json!({ "id": id, "object": "event", "type": "account.application.deauthorized", "created": created,
            "livemode": false, "account": "acct_1",
            "data": { "object": { "id": application, "object": "application", "name": "Bursar" } } })
    .to_string()
}

async fn stands(node: &Node<'_>, row: &Connection) -> ConnectionStatus {
    node.store.connection(row.company, row.id).await.unwrap().unwrap().status
}

#[tokio::test(start_paused = true)]
async fn an_announced_end_ends_the_connection_by_either_kind_of_source() {
    for installation in [false, true] {
        for (way, application) in [(Way::Connect, CONNECT), (Way::App, APP)] {
            let world = World::new().await;
            let node = Node::ready(&world).await;
            node.installed(Mode::Local).await;
            let bees = world.company(&node, "bees").await;
            let ours = node.connect(world.company, way, "main", "acct_1").await;
            let theirs = node.connect(bees, way, "main", "acct_1").await;
            tokio::time::sleep(2 * HOUR).await;
            let body = deauthorized("evt_1", application, world.now().as_second());
            match installation {
                true => assert_eq!(node.route(&body).await.unwrap().companies, 2),
                false => assert!(!node.receive(&body).await.unwrap().duplicate),
            }
            assert_eq!(stands(&node, &ours).await, ConnectionStatus::Active, "not before it is dispatched");
            node.settle().await;
            for row in [&ours, &theirs] {
                assert_eq!(stands(&node, row).await, ConnectionStatus::Revoked, "{way:?} {installation}");
            }
            let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
            assert_eq!(shown.status, ReceiptStatus::Ignored);
            let refused = node.connections.list(world.company).await.unwrap();
            let error: serde_json::Value = serde_json::from_str(
                refused.iter().find(|r| r.id == ours.id).unwrap().error.as_ref().unwrap(),
            )
            .unwrap();
            assert_eq!(error["code"], Code::ConnectionRequired.as_str());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_announcement_does_not_end_a_later_consent() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
    tokio::time::sleep(2 * HOUR).await;
    let body = deauthorized("evt_1", CONNECT, world.now().as_second());
    // Stripe could not deliver it until the owner has consented again.
    tokio::time::sleep(2 * HOUR).await;
    let anew = node.reconnect(&row).await;
    assert_eq!(anew.id, row.id);
    node.route(&body).await.unwrap();
    node.settle().await;
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Active);
    // Delivered again, and replayed by a person: the same.
    assert!(node.route(&body).await.unwrap().duplicate);
    node.inbox.replay(world.company, "evt_1", super::dispatching::asked_again).await.unwrap();
    node.settle().await;
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Active);
    tokio::time::sleep(2 * HOUR).await;
    node.route(&deauthorized("evt_2", CONNECT, world.now().as_second())).await.unwrap();
    node.settle().await;
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Revoked);
}

#[tokio::test(start_paused = true)]
async fn while_stripe_cannot_be_asked_the_announcement_waits() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
    world.gate.says(None);
    node.route(&deauthorized("evt_1", CONNECT, world.now().as_second())).await.unwrap();
    node.dispatcher.step().await.unwrap();
    let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
    assert_eq!(shown.status, ReceiptStatus::Failed);
    assert_eq!(shown.error.unwrap()["code"], "connection_unreachable");
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Active);
    world.gate.says(Some(403));
    tokio::time::sleep(Duration::from_secs(11)).await;
    node.dispatcher.step().await.unwrap();
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Revoked);
    let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
    assert_eq!(shown.status, ReceiptStatus::Ignored);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_overtook_its_connection_is_found_when_it_is_claimed() {
    for (says, then) in [(403, ConnectionStatus::Revoked), (200, ConnectionStatus::Active)] {
        let world = World::new().await;
        let node = Node::ready(&world).await;
        node.installed(Mode::Local).await;
        node.route(&deauthorized("evt_1", CONNECT, world.now().as_second())).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
        world.gate.says(None);
        assert_eq!(node.claims.step().await.unwrap(), 0, "it stays until Stripe has said");
        world.gate.says(Some(says));
        assert_eq!(node.claims.step().await.unwrap(), 1);
        assert_eq!(stands(&node, &row).await, then);
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_between_receipt_and_revocation_revokes_all_the_same() {
    use Trouble::{DiesAfter, DiesBefore, Full, UnknownAfter, UnknownBefore};
    for trouble in [DiesBefore, DiesAfter, UnknownBefore, UnknownAfter, Full] {
        for at in 1..=8 {
            let world = World::new().await;
            let node = Node::ready(&world).await;
            node.installed(Mode::Local).await;
            let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
            drop(node);
            tokio::time::sleep(2 * HOUR).await;
            world.arm(at, trouble);
            let body = deauthorized("evt_1", CONNECT, world.now().as_second());
            let mut acknowledged = false;
            for life in 0.. {
                assert!(life < 20, "{trouble:?} at {at}");
                if let Ok(node) = Node::open(&world).await {
                    for _ in 0..4 {
                        acknowledged = acknowledged || node.route(&body).await.is_ok();
                        let _ = node.dispatcher.step().await;
                    }
                    let known = node.inbox.show(world.company, "evt_1").await;
                    let done = known.is_ok_and(|shown| shown.status == ReceiptStatus::Ignored);
                    // A receipt that is marked has done what it announces.
                    if done && !world.plan().dead() {
                        assert_eq!(
                            stands(&node, &row).await,
                            ConnectionStatus::Revoked,
                            "{trouble:?} at {at}"
                        );
                        break;
                    }
                }
                world.crash();
            }
            assert!(acknowledged);
        }
    }
}
