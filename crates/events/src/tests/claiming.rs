//! Unclaimed events: kept, bounded, and moved once to whoever connects the account.

use std::time::Duration;

use connections::Way;
use futures_util::future::join_all;
use model::{AccountId, Mode, ReceiptStatus};

use super::{
    node::{Node, THANK},
    platform::event,
    troubled::Trouble,
    world::World,
};
use crate::{EventHead, UNCLAIMED_FOR, installation::Event};

const NOW: i64 = 1_790_000_100;

#[tokio::test(start_paused = true)]
async fn an_unclaimed_event_is_kept_once_and_sealed() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let body = event("evt_1", Some("acct_1"), NOW);
    let first = node.route(&body).await.unwrap();
    let again = node.route(&body).await.unwrap();
    assert_eq!((first.companies, first.duplicate, again.duplicate), (0, false, true));
    node.route(&event("evt_2", Some("acct_2"), NOW)).await.unwrap();
    let listed = node.inbox.unclaimed(10, None).await.unwrap().rows;
    assert!(listed.len() == 2 && listed.iter().all(|row| row.body.as_bytes().is_empty()));
    for account in ["acct_1", "acct_2"] {
        node.connect(world.company, Way::Connect, account, account).await;
    }
    let rows = node.store.claimable(9, None).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter().all(|row| row.body.as_bytes().len() > 6
            && !row.body.as_bytes().windows(6).any(|six| six == b"canary"))
    );
    let accounts = node.inbox.unclaimed_accounts().await.unwrap();
    let counted: Vec<_> = accounts.iter().map(|of| (of.account.as_str(), of.mode, of.count)).collect();
    assert_eq!(counted, [("acct_1", Mode::Local, 1), ("acct_2", Mode::Local, 1)]);
}

#[tokio::test(start_paused = true)]
async fn whoever_connects_the_account_has_its_events_as_history() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    node.activate(THANK).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let created = world.now().as_second();
    let body = event("evt_1", Some("acct_1"), created);
    node.route(&body).await.unwrap();
    node.route(&event("evt_2", Some("acct_2"), created)).await.unwrap();
    assert_eq!(node.claims.step().await.unwrap(), 0);
    let bees = world.company(&node, "bees").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    node.connect(world.company, Way::Connect, "main", "acct_1").await;
    node.connect(bees, Way::App, "main", "acct_1").await;
    assert_eq!(node.claims.step().await.unwrap(), 1);
    assert_eq!(node.claims.step().await.unwrap(), 0);
    node.settle().await;
    assert!(node.runs().await.is_empty(), "history starts nothing");
    for company in [world.company, bees] {
        let shown = node.inbox.show(company, "evt_1").await.unwrap();
        assert_eq!((shown.status, shown.account.as_str()), (ReceiptStatus::Ignored, "acct_1"));
        assert_eq!(shown.received_at.as_second(), created, "when it came");
        let text = shown.event.unwrap();
        assert_eq!(text, serde_json::from_str::<serde_json::Value>(&body).unwrap());
    }
    let left = node.inbox.unclaimed(10, None).await.unwrap().rows;
    assert_eq!(left.iter().map(|row| row.event.as_str()).collect::<Vec<_>>(), ["evt_2"]);
    assert!(node.route(&body).await.unwrap().duplicate, "delivered again, it is known");
    // Whoever asks for it has it started.
    node.inbox.replay(world.company, "evt_1", super::dispatching::asked_again).await.unwrap();
    node.dispatcher.step().await.unwrap();
    assert_eq!(node.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_overtaken_by_its_connection_is_no_history() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.activate(THANK).await;
    node.connect(world.company, Way::Connect, "main", "acct_1").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Its receiver has looked before the connection was there, and stores it only now.
    let now = model::from_micros(model::micros(world.now()));
    let body = event("evt_1", Some("acct_1"), now.as_second());
    let head = EventHead::read(body.as_bytes(), now).unwrap();
    let late = Event { account: AccountId::new("acct_1"), mode: Mode::Local, head, body: body.into(), now };
    let kept = node.inbox.inner.set_apart(late).await.unwrap();
    assert_eq!(kept.companies, 0);
    // The loop was told, and needs no minute for it.
    let claiming = tokio::time::timeout(Duration::from_secs(5), node.claims.run());
    assert!(claiming.await.is_err());
    node.dispatcher.step().await.unwrap();
    assert_eq!(node.runs().await.len(), 1);
    assert!(node.inbox.unclaimed(10, None).await.unwrap().rows.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_loop_claims_when_a_connection_becomes_active_and_by_itself() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap();
    let claims = node.claims.clone();
    let claiming = async { tokio::time::timeout(Duration::from_secs(100), claims.run()).await.is_err() };
    let connecting = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        node.connect(world.company, Way::Connect, "main", "acct_1").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let told = node.has(world.company, "evt_1").await;
        // Connected by another process, of which nobody here is told.
        let other = Node::open(&world).await.unwrap();
        other.route(&event("evt_2", Some("acct_2"), NOW)).await.unwrap();
        other.connect(world.company, Way::Connect, "second", "acct_2").await;
        tokio::time::sleep(Duration::from_secs(61)).await;
        (told, node.has(world.company, "evt_2").await)
    };
    let (ran_on, claimed) = futures_util::future::join(claiming, connecting).await;
    assert_eq!((ran_on, claimed), (true, (1, 1)));
}

#[tokio::test(start_paused = true)]
async fn many_who_claim_at_once_move_each_event_once() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    for n in 0..20 {
        node.route(&event(&format!("evt_{n}"), Some("acct_1"), NOW)).await.unwrap();
    }
    node.connect(world.company, Way::Connect, "main", "acct_1").await;
    let claimed = join_all((0..8).map(|_| node.claims.step())).await;
    assert_eq!(claimed.into_iter().map(Result::unwrap).sum::<usize>(), 20);
    for n in 0..20 {
        assert_eq!(node.has(world.company, &format!("evt_{n}")).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_any_commit_loses_no_event_and_doubles_none() {
    use Trouble::{DiesAfter, DiesBefore, Full, UnknownAfter, UnknownBefore};
    for trouble in [DiesBefore, DiesAfter, UnknownBefore, UnknownAfter, Full] {
        for at in 1..=12 {
            let world = World::new().await;
            let node = Node::ready(&world).await;
            node.installed(Mode::Local).await;
            let bees = world.company(&node, "bees").await;
            drop(node);
            world.arm(at, trouble);
            let body = event("evt_1", Some("acct_1"), NOW);
            let mut connected = false;
            for life in 0.. {
                assert!(life < 20, "{trouble:?} at {at}");
                if let Ok(node) = Node::open(&world).await
                    && live(&node, &body, bees, &mut connected).await
                {
                    break;
                }
                world.crash();
            }
            world.arm(0, trouble);
            let node = Node::open(&world).await.unwrap();
            for company in [world.company, bees] {
                assert_eq!(node.has(company, "evt_1").await, 1, "{trouble:?} at {at}");
            }
            assert!(node.inbox.unclaimed(9, None).await.unwrap().rows.is_empty(), "{trouble:?} at {at}");
        }
    }
}

/// Delivers until there is a 200, connects both companies, and claims; says whether it
/// came to the end.
async fn live(node: &Node<'_>, body: &str, bees: model::CompanyId, connected: &mut bool) -> bool {
    let plan = node.world.plan();
    while !*connected {
        if plan.dead() {
            return false;
        }
        if node.route(body).await.is_ok() {
            // What is acknowledged is on disk, whatever happens from here.
            *connected = true;
        }
    }
    for company in [node.world.company, bees] {
        let there = async || node.store.connections(company).await;
        while !there().await.is_ok_and(|rows| rows.iter().any(|row| row.name == "main")) {
            if plan.dead() {
                return false;
            }
            let credential = stripe::Credential::new(AccountId::new("acct_1"), Mode::Local, "sk_test_1");
            let new = connections::NewConnection {
                name: "main".into(),
                account: AccountId::new("acct_1"),
                mode: Mode::Local,
                base_url: "http://127.0.0.1:1".into(),
                is_default: false,
                credential,
            };
            let _ = node.connections.put(company, new).await;
        }
    }
    for _ in 0..5 {
        let _ = node.claims.step().await;
    }
    // A process that died has nobody who would see it through.
    !plan.dead() && node.store.claimable(9, None).await.is_ok_and(|rows| rows.is_empty())
}

#[tokio::test(start_paused = true)]
async fn unclaimed_events_grow_old() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap();
    tokio::time::sleep(UNCLAIMED_FOR).await;
    node.claims.step().await.unwrap();
    assert_eq!(node.inbox.unclaimed(9, None).await.unwrap().rows.len(), 1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    node.claims.step().await.unwrap();
    assert!(node.inbox.unclaimed(9, None).await.unwrap().rows.is_empty());
}
