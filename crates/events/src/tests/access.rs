//! The end of access that Stripe announces, from the delivery to the connection.

use std::time::Duration;

use connections::{NewConnection, Way};
use model::{AccountId, Code, ConnectionStatus, Mode, ReceiptStatus};
use serde_json::json;
use store::Connection;
use stripe::Credential;

use super::{
    node::Node,
    platform::{APP, CONNECT, event},
    troubled::Trouble,
    world::World,
};
use crate::dispatcher::RETRIES;

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
            world.gate.says(Some(403));
            let body = deauthorized("evt_1", application, world.now().as_second());
            match installation {
                true => assert_eq!(node.route(&body).await.unwrap().companies, 2),
                false => assert!(!node.receive(&body).await.unwrap().duplicate),
            }
            assert_eq!(stands(&node, &ours).await, ConnectionStatus::Active, "not before it is dispatched");
            node.settle().await;
            assert_eq!(stands(&node, &ours).await, ConnectionStatus::Revoked, "{way:?} {installation}");
            // What came to one company, by a secret of its own choice, is no word to another.
            let another = if installation { ConnectionStatus::Revoked } else { ConnectionStatus::Active };
            assert_eq!(stands(&node, &theirs).await, another, "{way:?} {installation}");
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
    world.gate.says(Some(403));
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
async fn a_company_cannot_end_its_own_consent_by_an_event_that_it_made_up() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
    tokio::time::sleep(2 * HOUR).await;
    node.receive(&deauthorized("evt_1", CONNECT, world.now().as_second())).await.unwrap();
    node.settle().await;
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Active, "Stripe says that it is in force");
}

#[tokio::test(start_paused = true)]
async fn an_announcement_waits_for_stripe_however_long_it_takes() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
    world.gate.says(None);
    node.route(&deauthorized("evt_1", CONNECT, world.now().as_second())).await.unwrap();
    for _ in 0..RETRIES.len() + 3 {
        node.dispatcher.step().await.unwrap();
        let shown = node.inbox.show(world.company, "evt_1").await.unwrap();
        assert_eq!(shown.status, ReceiptStatus::Failed);
        assert!(node.store.next_dispatch().await.unwrap().is_some(), "never dead");
        tokio::time::sleep(7 * HOUR).await;
    }
    world.gate.says(Some(403));
    node.dispatcher.step().await.unwrap();
    assert_eq!(stands(&node, &row).await, ConnectionStatus::Revoked);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_stripe_did_not_prove_gets_no_event_of_its_account() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Test).await;
    let thief = world.company(&node, "thief").await;
    let account = AccountId::new("acct_1");
    let faked = NewConnection {
        name: "faked".into(),
        account: account.clone(),
        mode: Mode::Test,
        base_url: "https://evil.example".into(),
        is_default: true,
        credential: Credential::new(account, Mode::Test, "sk_test_1"),
    };
    node.connections.put(thief, faked).await.unwrap();
    let kept = event("evt_1", Some("acct_1"), world.now().as_second());
    assert_eq!(node.route(&kept).await.unwrap().companies, 0);
    node.claims.step().await.unwrap();
    assert_eq!(node.has(thief, "evt_1").await, 0);
    node.connect_in(world.company, Mode::Test, "acct_1").await;
    let claimed = node.claims.step().await.unwrap();
    let routed = node.route(&event("evt_2", Some("acct_1"), world.now().as_second())).await.unwrap();
    assert_eq!((claimed, routed.companies), (1, 1));
    for event in ["evt_1", "evt_2"] {
        assert_eq!((node.has(world.company, event).await, node.has(thief, event).await), (1, 0));
    }
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
            world.gate.says(Some(403));
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
