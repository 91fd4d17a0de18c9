//! The installation's source: whom a delivery goes to, and what proves it.

use std::time::Duration;

use bytes::Bytes;
use connections::Way;
use model::{Code, Mode, ReceiptStatus};
use store::{PurgePart, Unit, Write};

use super::{
    node::{Node, THANK},
    platform::{PLATFORM, SECRET, event, source},
    world::World,
};
use crate::{NewSource, SOURCES_MAX};

const NOW: i64 = 1_790_000_100;

async fn unclaimed(node: &Node<'_>) -> Vec<String> {
    let rows = node.inbox.unclaimed(100, None).await.unwrap().rows;
    rows.into_iter().map(|row| row.event.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn one_delivery_goes_to_every_company_of_its_account_once() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let (ants, bees) = (world.company(&node, "ants").await, world.company(&node, "bees").await);
    let flies = world.company(&node, "flies").await;
    node.connect(ants, Way::Connect, "main", "acct_1").await;
    node.connect(ants, Way::App, "app", "acct_1").await;
    node.connect(bees, Way::Connect, "main", "acct_1").await;
    node.connect(flies, Way::Connect, "main", "acct_2").await;
    let body = event("evt_1", Some("acct_1"), NOW);
    let first = node.route(&body).await.unwrap();
    assert_eq!((first.companies, first.duplicate), (2, false));
    for _ in 0..3 {
        let again = node.route(&body).await.unwrap();
        assert_eq!((again.companies, again.duplicate), (2, true));
    }
    for (company, count) in [(ants, 1), (bees, 1), (flies, 0), (world.company, 0)] {
        assert_eq!(node.has(company, "evt_1").await, count);
    }
    let shown = node.inbox.show(bees, "evt_1").await.unwrap();
    assert_eq!((shown.account.as_str(), shown.mode), ("acct_1", Mode::Local));
    assert_eq!(
        shown.event.unwrap().to_string(),
        serde_json::from_str::<serde_json::Value>(&body).unwrap().to_string()
    );
    assert!(unclaimed(&node).await.is_empty());
    // A company that comes later has it from the next delivery on, and the others not again.
    node.connect(flies, Way::Connect, "second", "acct_1").await;
    let third = node.route(&body).await.unwrap();
    assert_eq!((third.companies, third.duplicate), (3, false));
    assert_eq!((node.has(flies, "evt_1").await, node.has(ants, "evt_1").await), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_routed_event_starts_the_run_of_its_own_company_only() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    node.activate(THANK).await;
    let bees = world.company(&node, "bees").await;
    node.connect(bees, Way::Connect, "main", "acct_1").await;
    assert_eq!(node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap().listeners, 0);
    node.connect(world.company, Way::Connect, "theirs", "acct_1").await;
    assert_eq!(node.route(&event("evt_2", Some("acct_1"), NOW)).await.unwrap().listeners, 1);
    node.dispatcher.step().await.unwrap();
    let runs = node.runs().await;
    assert_eq!(runs.len(), 1);
    assert_eq!((runs[0].binding.account.as_str(), runs[0].binding.company), ("acct_1", world.company));
}

#[tokio::test(start_paused = true)]
async fn what_proves_nothing_is_refused_and_kept_nowhere() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let body = event("evt_1", Some("acct_1"), NOW);
    assert_eq!(node.route(&body).await.unwrap_err().code, Code::NotFound, "no source yet");
    node.installed(Mode::Local).await;
    node.connect(world.company, Way::Connect, "main", "acct_1").await;
    // A company's secret proves nothing here, nor the installation's at a company.
    let foreign = node.route_signed(&body, &world.hook.secret).await.unwrap_err();
    assert_eq!(foreign.code, Code::InvalidSignature);
    let ours = stripe::signature::sign(
        &[stripe::signature::Secret::new(SECRET).unwrap()],
        body.as_bytes(),
        world.now(),
    );
    let at_company =
        node.inbox.receive(world.company, Some(ours.as_bytes()), Bytes::from(body.clone())).await;
    assert_eq!(at_company.unwrap_err().code, Code::InvalidSignature);
    for header in [None, Some("t=1".to_owned()), Some(ours.replace("v1=", "v0="))] {
        let refused = node.inbox.route(header.as_deref().map(str::as_bytes), Bytes::from(body.clone())).await;
        assert_eq!(refused.unwrap_err().code, Code::InvalidSignature);
    }
    let altered = Bytes::from(body.replace("acct_1", "acct_2"));
    assert_eq!(
        node.inbox.route(Some(ours.as_bytes()), altered).await.unwrap_err().code,
        Code::InvalidSignature
    );
    assert_eq!(node.route("[]").await.unwrap_err().code, Code::ValidationError);
    tokio::time::sleep(Duration::from_secs(301)).await;
    let stale = node.inbox.route(Some(ours.as_bytes()), Bytes::from(body)).await.unwrap_err();
    assert!(stale.message.contains("301 s old"), "{}", stale.message);
    assert_eq!(node.has(world.company, "evt_1").await, 0);
    assert!(unclaimed(&node).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_live_event_never_comes_by_a_test_secret_and_test_events_of_accounts_come_by_a_live_one() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Test).await;
    let live = |id: &str, account| event(id, account, NOW).replace("\"livemode\":false", "\"livemode\":true");
    let wrong = node.route(&live("evt_1", Some("acct_1"))).await.unwrap_err();
    assert_eq!(wrong.code, Code::InvalidSignature);
    assert!(wrong.message.contains("mode test"), "{}", wrong.message);
    node.sources.put(None, source(Mode::Live, "whsec_live")).await.unwrap();
    node.connect_in(world.company, Mode::Test, "acct_1").await;
    let test = node.route_signed(&event("evt_2", Some("acct_1"), NOW), "whsec_live").await.unwrap();
    assert_eq!(test.companies, 1);
    assert_eq!(node.inbox.show(world.company, "evt_2").await.unwrap().mode, Mode::Test);
    // The platform's own endpoint is of one mode only.
    let own = node.route_signed(&event("evt_3", None, NOW), "whsec_live").await.unwrap_err();
    assert_eq!(own.code, Code::InvalidSignature);
    let other = node.route_signed(&live("evt_4", Some("acct_1")), "whsec_live").await.unwrap();
    assert_eq!(other.companies, 0, "the connection is of mode test");
    assert_eq!(unclaimed(&node).await, ["evt_4"]);
}

#[tokio::test(start_paused = true)]
async fn the_platforms_own_events_go_to_whoever_has_its_account() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    assert_eq!(node.route(&event("evt_1", None, NOW)).await.unwrap().companies, 0);
    let rows = node.inbox.unclaimed(1, None).await.unwrap().rows;
    assert_eq!(rows[0].account.as_str(), PLATFORM);
    node.connect(world.company, Way::Connect, "platform", PLATFORM).await;
    assert_eq!(node.route(&event("evt_2", None, NOW)).await.unwrap().companies, 1);
    assert_eq!(node.inbox.show(world.company, "evt_2").await.unwrap().account, PLATFORM);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ended_still_owns_its_accounts_events_and_one_that_is_gone_does_not() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let row = node.connect(world.company, Way::App, "main", "acct_1").await;
    node.connections.disconnect(world.company, row.id).await.unwrap();
    assert_eq!(node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap().companies, 1);
    node.connections.remove(world.company, row.id).await.unwrap();
    assert_eq!(node.route(&event("evt_2", Some("acct_1"), NOW)).await.unwrap().companies, 0);
    assert_eq!(unclaimed(&node).await, ["evt_2"]);
}

#[tokio::test(start_paused = true)]
async fn a_company_that_is_being_removed_gets_nothing_and_keeps_nobody_from_it() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let bees = world.company(&node, "bees").await;
    for company in [world.company, bees] {
        node.connect(company, Way::Connect, "main", "acct_1").await;
    }
    // Its connections are there still: a purge goes part by part.
    let purge = |company| Write::Purge { company, part: PurgePart::ApiKeys, limit: 9 };
    node.store.commit(Unit::background(vec![purge(bees)])).await.unwrap();
    assert_eq!(node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap().companies, 1);
    assert_eq!((node.has(bees, "evt_1").await, node.has(world.company, "evt_1").await), (0, 1));
    node.store.commit(Unit::background(vec![purge(world.company)])).await.unwrap();
    assert_eq!(node.route(&event("evt_2", Some("acct_1"), NOW)).await.unwrap().companies, 0);
    assert_eq!(unclaimed(&node).await, ["evt_2"]);
    let at_company = node.receive(&event("evt_3", None, NOW)).await.unwrap_err();
    assert_eq!(at_company.code, Code::NotFound, "{}", at_company.message);
}

#[tokio::test(start_paused = true)]
async fn of_one_endpoint_one_secret_is_in_force_whoever_notes_it_at_once() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let put = |secret| node.sources.put(None, source(Mode::Local, secret));
    let (one, two) = tokio::join!(put("whsec_one"), put("whsec_two"));
    assert_ne!(one.unwrap().id, two.unwrap().id);
    let live = async || {
        let rows = node.sources.list(None).await.unwrap();
        rows.into_iter().filter(|row| row.expires_at.is_none()).collect::<Vec<_>>()
    };
    assert_eq!(live().await.len(), 1);
    // A row that an earlier release left in force beside it ends with the next rotation.
    let left = store::Source { expires_at: None, ..node.sources.list(None).await.unwrap()[0].clone() };
    node.store.commit(Unit::interactive(vec![Write::PutSource(left)])).await.unwrap();
    node.sources.forget(None);
    assert_eq!(live().await.len(), 2);
    let new = put("whsec_three").await.unwrap();
    assert_eq!(live().await.iter().map(|row| row.id).collect::<Vec<_>>(), [new.id]);
}

#[tokio::test(start_paused = true)]
async fn what_has_run_out_takes_no_room_and_a_known_endpoint_always_has_some() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let named =
        |n: usize, secret: &str| NewSource { endpoint: format!("we_{n}"), ..source(Mode::Local, secret) };
    let hour = Duration::from_secs(3_600);
    for n in 0..SOURCES_MAX {
        node.sources.put(None, named(n, "whsec_a")).await.unwrap();
    }
    let full = node.sources.put(None, named(SOURCES_MAX, "whsec_a")).await.unwrap_err();
    assert_eq!((full.code, full.field.as_deref()), (Code::Conflict, Some("endpoint")));
    let rotate = async |n: usize| {
        let secret = format!("whsec_{n}");
        node.sources.rotate(None, named(0, &secret), hour, |_| None).await
    };
    for n in 0..SOURCES_MAX {
        rotate(n).await.unwrap();
    }
    assert_eq!(rotate(99).await.unwrap_err().code, Code::Conflict, "each is tried for every delivery");
    tokio::time::sleep(hour).await;
    rotate(99).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn while_a_secret_is_rotated_both_are_taken_and_then_the_new_one_only() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.connect(world.company, Way::Connect, "main", "acct_1").await;
    let first = node.sources.put(None, source(Mode::Local, SECRET)).await.unwrap();
    let same = node.sources.put(None, source(Mode::Local, SECRET)).await.unwrap();
    assert_eq!(first.id, same.id, "noting it again adds nothing");
    let hour = Duration::from_secs(3_600);
    let new = node.sources.rotate(None, source(Mode::Local, "whsec_new"), hour, |_| None).await.unwrap();
    assert_ne!(new.id, first.id);
    let takes = |id: &'static str, secret: &'static str| {
        let node = &node;
        async move {
            let created = node.world.now().as_second();
            node.route_signed(&event(id, Some("acct_1"), created), secret).await.is_ok()
        }
    };
    assert!(takes("evt_1", SECRET).await && takes("evt_2", "whsec_new").await);
    tokio::time::sleep(hour).await;
    assert!(!takes("evt_3", SECRET).await && takes("evt_4", "whsec_new").await);
    // What ran out leaves with the next change.
    node.sources.rotate(None, source(Mode::Local, "whsec_newer"), hour, |_| None).await.unwrap();
    assert_eq!(node.sources.list(None).await.unwrap().len(), 2);
    let elsewhere = NewSource { mode: Mode::Live, ..source(Mode::Local, "whsec_x") };
    assert_eq!(node.sources.put(None, elsewhere).await.unwrap_err().code, Code::Conflict);
    for source in node.sources.list(None).await.unwrap() {
        node.sources.remove(None, source.id, |_| None).await.unwrap();
        assert_eq!(node.sources.remove(None, source.id, |_| None).await.unwrap_err().code, Code::NotFound);
    }
    assert!(!takes("evt_5", "whsec_newer").await, "removed is refused at once");
}

#[tokio::test(start_paused = true)]
async fn a_routed_event_that_nobody_wants_is_ignored_in_each_company() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    node.installed(Mode::Local).await;
    let bees = world.company(&node, "bees").await;
    for company in [world.company, bees] {
        node.connect(company, Way::Connect, "main", "acct_1").await;
    }
    node.route(&event("evt_1", Some("acct_1"), NOW)).await.unwrap();
    node.settle().await;
    for company in [world.company, bees] {
        assert_eq!(node.inbox.show(company, "evt_1").await.unwrap().status, ReceiptStatus::Ignored);
    }
}
