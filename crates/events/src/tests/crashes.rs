//! The examples with a failure at every single commit.
//!
//! Goal: whatever commit fails, and in whatever way, both runs complete, every write
//! is executed by Stripe once, and nothing received is lost. Method: count the commits
//! of an undisturbed play, then play once for each commit and each kind of failure,
//! and ask the sandbox, which keeps its own count.

use std::{sync::atomic::Ordering, time::Duration};

use model::{Rng as _, RunStatus, SeededRng};
use sandbox::Fault;
use serde_json::json;
use store::Workflow;

use super::{
    node::{BILL, Node, THANK},
    troubled::Trouble,
    world::World,
};

/// Plays the examples to their end over as many processes as it takes; returns how
/// many commits there were and how many processes died.
async fn play(at: u64, trouble: Trouble, faults: &[Fault]) -> (u64, u32) {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    node.activate(THANK).await;
    drop(node);
    world.arm(at, trouble);
    for fault in faults {
        world.sandbox.fault(fault.clone(), 1);
    }
    let mut deaths = 0;
    let mut paid = false;
    for _ in 0..60 {
        let over = match Node::open(&world).await {
            Ok(node) => live(&node, &bill, &mut paid).await,
            Err(_) => false,
        };
        if over {
            let commits = world.plan().commits.load(Ordering::SeqCst);
            world.arm(0, trouble);
            check(&world).await;
            return (commits, deaths);
        }
        // A process that could not open because of an unknown result ended by itself.
        deaths += u32::from(world.plan().dead());
        world.crash();
    }
    panic!("{trouble:?} at commit {at}: the runs did not complete");
}

/// The life of one process; says whether both runs completed in it.
async fn live(node: &Node<'_>, bill: &Workflow, paid: &mut bool) -> bool {
    let plan = node.world.plan();
    for _ in 0..600 {
        if plan.dead() {
            return false;
        }
        // The caller repeats until it has an answer, with the same key.
        let input = json!({ "email": "ada@example.com", "amount": 1999 });
        let _ = node.start(bill, "order-1", input).await;
        tokio::select! {
            () = node.driver.drive_until_idle() => {}
            () = tokio::time::sleep(Duration::from_secs(30)) => {}
        }
        node.take_deliveries().await;
        let _ = node.dispatcher.step().await;
        let open =
            node.world.sandbox.objects("invoice").into_iter().find(|invoice| invoice["status"] == "open");
        if let Some(invoice) = open.filter(|_| !*paid) {
            let sent = node.world.sandbox.events().iter().any(|event| event["type"] == "invoice.sent");
            if sent {
                node.world
                    .sandbox
                    .pay_invoice(invoice["id"].as_str().unwrap(), "pm_card_visa")
                    .await
                    .unwrap();
                *paid = true;
            }
        }
        if !plan.dead() {
            let runs = node.runs().await;
            if runs.len() == 2 && runs.iter().all(|run| run.status.is_final()) {
                return true;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the process does not come to an end: {:#?}", node.runs().await);
}

/// What has to be true at the end, whatever happened on the way.
async fn check(world: &World) {
    let node = Node::open(world).await.unwrap();
    for run in node.runs().await {
        let view = node.show(run.id).await;
        assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
        assert!(node.store.inputs(run.id).await.unwrap().is_empty());
    }
    let executions = world.executions();
    assert_eq!(executions.len(), 6, "{executions:?}");
    assert!(executions.values().all(|count| *count == 1), "{executions:?}");
    for kind in ["customer", "invoice", "invoiceitem"] {
        assert_eq!(world.sandbox.objects(kind).len(), 1, "{kind}");
    }
    assert_eq!(world.sandbox.objects("invoice")[0]["status"], json!("paid"));
    let customer = &world.sandbox.objects("customer")[0];
    assert!(customer["metadata"]["last_paid_invoice"].is_string());
}

async fn play_everywhere(trouble: Trouble, faults: &[Fault]) {
    let (commits, _) = play(0, trouble, faults).await;
    assert!(commits > 15, "{commits}");
    let dies = matches!(trouble, Trouble::DiesBefore | Trouble::DiesAfter);
    for at in 1..=commits {
        let (_, deaths) = play(at, trouble, faults).await;
        assert_eq!(deaths, u32::from(dies), "commit {at}");
    }
}

/// Plays the examples while the process is killed again and again, at moments that
/// the seed decides; returns how many units the crashes took away.
async fn play_killed(seed: u64) -> u64 {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let bill = node.activate(BILL).await;
    node.activate(THANK).await;
    drop(node);
    let mut paid = false;
    let random = SeededRng::new(seed);
    for kills in 0..40 {
        world.sandbox.fault(Fault::Slow { ms: random.next_u64() % 20 }, 1);
        if random.next_u64().is_multiple_of(3) {
            world.sandbox.fault(Fault::LostAnswer, 1);
        }
        // The last lives are long enough to come to an end.
        let most = if kills < 30 { 150 } else { 600_000 };
        let life = Duration::from_millis(random.next_u64() % most);
        let node = Node::open(&world).await.unwrap();
        let over = tokio::time::timeout(life, live(&node, &bill, &mut paid)).await;
        if over == Ok(true) {
            check(&world).await;
            return world.disk().lost();
        }
        let disk = world.disk();
        world.crash();
        drop((node, disk));
    }
    panic!("seed {seed}: the runs did not complete");
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_moment_changes_nothing() {
    let mut lost = 0;
    for seed in 0..100 {
        lost += play_killed(seed).await;
    }
    assert!(lost > 20, "crashes that take nothing away prove little: {lost}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_any_commit_changes_nothing() {
    play_everywhere(Trouble::DiesBefore, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_any_commit_changes_nothing() {
    play_everywhere(Trouble::DiesAfter, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_and_lost_answers_change_nothing() {
    play_everywhere(Trouble::DiesBefore, &[Fault::LostAnswer, Fault::LostAnswer, Fault::Conflict409]).await;
    play_everywhere(Trouble::DiesAfter, &[Fault::Reset, Fault::LostAnswer]).await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_unknown_result_changes_nothing() {
    play_everywhere(Trouble::UnknownBefore, &[]).await;
    play_everywhere(Trouble::UnknownAfter, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_for_a_while_changes_nothing() {
    play_everywhere(Trouble::Full, &[]).await;
}
