//! Which companies have an account's events: not those that it was taken from, and not
//! fewer because another one is damaged.

use connections::Way;
use model::{AccountId, Code, CompanyId, ConnectionId, ConnectionStatus, Mode, Sealed};
use store::{Connection, DataKey, Unit, Write};

use super::{node::Node, platform::event, world::World};

const NOW: i64 = 1_790_000_100;

async fn unclaimed(node: &Node<'_>) -> Vec<String> {
    let rows = node.inbox.unclaimed(100, None).await.unwrap().rows;
    rows.into_iter().map(|row| row.event.to_string()).collect()
}

/// A company with such a connection too, none of whose keys opens.
async fn damaged(node: &Node<'_>, row: &Connection) -> CompanyId {
    let company = node.world.company(node, &row.id.to_string()).await;
    let wrapped = Sealed::from_ciphertext(vec![7; 60]);
    let master = node.store.data_keys().await.unwrap().remove(0).master;
    let key = DataKey { id: format!("{company}/receipts"), wrapped, master };
    let id = ConnectionId::new(node.world.clock.as_ref(), node.world.rng.as_ref());
    let row = Connection { id, company, revision: 1, ..row.clone() };
    let writes = vec![Write::PutDataKey(key), Write::PutConnection(row)];
    node.store.commit(Unit::background(writes)).await.unwrap();
    company
}

#[tokio::test(start_paused = true)]
async fn a_company_whose_keys_are_damaged_keeps_no_other_from_its_events() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap();
    node.route(&event("evt_2", Some("acct_2"), NOW)).await.unwrap();
    let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
    let bees = damaged(&node, &row).await;
    node.connect(world.company, Way::Connect, "second", "acct_2").await;
    for _ in 0..2 {
        let failure = node.route(&event("evt_3", Some("acct_1"), NOW)).await.unwrap_err();
        assert_eq!(failure.code, Code::InternalError, "{}", failure.message);
        node.claims.step().await.unwrap();
        for event in ["evt_1", "evt_2", "evt_3"] {
            assert_eq!(node.has(world.company, event).await, 1, "{event}");
            assert_eq!(node.has(bees, event).await, 0, "{event}");
        }
        assert_eq!(unclaimed(&node).await, ["evt_1"], "it waits for the company that cannot have it yet");
    }
    node.settle().await;
}

#[tokio::test(start_paused = true)]
async fn events_that_cannot_be_claimed_keep_no_later_one_waiting() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    for n in 0..45 {
        node.route(&event(&format!("evt_{n}"), Some("acct_1"), NOW)).await.unwrap();
    }
    node.route(&event("evt_last", Some("acct_2"), NOW)).await.unwrap();
    let row = node.connect(world.company, Way::Connect, "main", "acct_2").await;
    let stuck = Connection { account: Some(AccountId::new("acct_1")), ..row };
    damaged(&node, &stuck).await;
    assert_eq!(node.claims.step().await.unwrap(), 1);
    assert_eq!(node.has(world.company, "evt_last").await, 1);
    assert_eq!(unclaimed(&node).await.len(), 45);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_revoked_has_none_of_the_events_that_follow() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let bees = world.company(&node, "bees").await;
    let row = node.connect(world.company, Way::Connect, "main", "acct_1").await;
    let at = world.now();
    let (status, revision) = (ConnectionStatus::Revoked, row.revision + 1);
    let ended = Connection { status, revision, credential: None, updated_at: at, ..row.clone() };
    node.store.commit(Unit::background(vec![Write::PutConnection(ended)])).await.unwrap();
    assert_eq!(node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap().companies, 0);
    assert_eq!(node.claims.step().await.unwrap(), 0, "nor as history");
    assert_eq!(unclaimed(&node).await, ["evt_1"]);
    // Its announcement comes late, and to it alone.
    let end = event("evt_2", Some("acct_1"), NOW).replace("invoice.paid", "account.application.deauthorized");
    assert_eq!(node.route(&end).await.unwrap().companies, 1);
    node.connect(bees, Way::Connect, "main", "acct_1").await;
    assert_eq!(node.route(&event("evt_3", Some("acct_1"), NOW)).await.unwrap().companies, 1);
    assert_eq!(node.claims.step().await.unwrap(), 1);
    for (event, ours, theirs) in [("evt_1", 0, 1), ("evt_2", 1, 0), ("evt_3", 0, 1)] {
        assert_eq!((node.has(world.company, event).await, node.has(bees, event).await), (ours, theirs));
    }
    // Authorized anew, it has what comes from then on.
    node.reconnect(&row).await;
    assert_eq!(node.route(&event("evt_4", Some("acct_1"), NOW)).await.unwrap().companies, 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_gave_its_connection_up_has_no_event_of_an_account_that_another_holds() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let bees = world.company(&node, "bees").await;
    let row = node.connect(world.company, Way::App, "main", "acct_1").await;
    node.connections.disconnect(world.company, row.id).await.unwrap();
    assert_eq!(node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap().companies, 1);
    node.connect(bees, Way::App, "main", "acct_1").await;
    assert_eq!(node.route(&event("evt_2", Some("acct_1"), NOW)).await.unwrap().companies, 1);
    assert_eq!((node.has(world.company, "evt_2").await, node.has(bees, "evt_2").await), (0, 1));
}
