//! A decision with a failure at every single commit.
//!
//! Goal: whatever commit fails, and in whatever way, the decision is on record once,
//! every write is executed by Stripe once at most, and the run goes on. A person says it
//! until there is an answer.

use std::time::Duration;

use super::*;
use crate::tests::troubled::Trouble;

/// What the person decides.
#[derive(Debug, Clone, Copy)]
enum Case {
    Done,
    NotDone,
    Retry,
}

impl Case {
    async fn begin(self, node: &Node<'_>) -> RunId {
        match self {
            Self::Done => node.parked_although_done().await,
            Self::NotDone => node.parked_and_not_done().await,
            Self::Retry => {
                let bill = node.activate(BILL).await;
                node.world.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/invoices"));
                let run = node.bill(&bill).await;
                node.settle().await;
                assert_eq!(node.status(run).await, RunStatus::Failed);
                run
            }
        }
    }

    async fn decide(self, node: &Node<'_>, run: RunId) -> Result<Decided, Failure> {
        let company = node.world.company;
        let person = person("looked", Some("once"));
        match self {
            Self::Done => {
                let say = say(Word::Done, Some(&customer(node.world)));
                node.driver.resolve(company, run, "customer", say, person).await
            }
            Self::NotDone => {
                node.driver.resolve(company, run, "nameless", say(Word::NotDone, None), person).await
            }
            Self::Retry => node.driver.retry(company, run, person).await,
        }
    }

    /// Where the run stands once it has gone on.
    fn goal(self) -> RunStatus {
        match self {
            Self::Done | Self::Retry => RunStatus::Suspended,
            Self::NotDone => RunStatus::Completed,
        }
    }

    /// Keys that Stripe has seen, and customers that it has.
    fn traces(self) -> (usize, usize) {
        match self {
            Self::Done => (5, 1),
            Self::NotDone => (3, 2),
            Self::Retry => (6, 1),
        }
    }
}

/// Plays a case over as many processes as it takes; returns how many commits there were.
async fn play(case: Case, at: u64, trouble: Trouble) -> u64 {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = case.begin(&node).await;
    drop(node);
    world.arm(at, trouble);
    for _ in 0..20 {
        if let Ok(node) = Node::open(&world).await
            && live(case, &node, run).await
        {
            let commits = world.plan().commits.load(Ordering::SeqCst);
            check(case, &node, run).await;
            return commits;
        }
        world.crash();
    }
    panic!("{case:?}, {trouble:?} at commit {at}: the run does not go on");
}

/// The life of one process; says whether the run went on in it.
async fn live(case: Case, node: &Node<'_>, run: RunId) -> bool {
    let plan = node.world.plan();
    for _ in 0..100 {
        if plan.dead() {
            return false;
        }
        let decided = case.decide(node, run).await;
        tokio::select! {
            () = node.driver.drive_until_idle() => {}
            () = tokio::time::sleep(Duration::from_secs(30)) => {}
        }
        let stands = node.store.run(run).await.ok().flatten().map(|run| run.status);
        if decided.is_ok() && stands == Some(case.goal()) {
            return true;
        }
        if let Err(failure) = decided {
            assert_eq!(failure.code, Code::StoreUnavailable, "{failure}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("nobody answers");
}

async fn check(case: Case, node: &Node<'_>, run: RunId) {
    assert_eq!(node.show(run).await.decisions.len(), 1, "it was decided once");
    let executions = node.world.executions();
    let (keys, customers) = case.traces();
    assert_eq!(executions.len(), keys, "{executions:?}");
    assert!(executions.values().all(|count| *count <= 1), "{executions:?}");
    assert_eq!(node.world.sandbox.objects("customer").len(), customers);
    assert!(node.world.sandbox.objects("invoice").len() <= 1);
    assert!(node.store.open_intents().await.unwrap().is_empty());
}

async fn play_everywhere(case: Case) {
    use Trouble::{DiesAfter, DiesBefore, Full, UnknownAfter, UnknownBefore};
    let commits = play(case, 0, DiesBefore).await;
    assert!(commits >= 4, "{commits}");
    for trouble in [DiesBefore, DiesAfter, UnknownBefore, UnknownAfter, Full] {
        for at in 1..=commits {
            play(case, at, trouble).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_any_commit_of_taking_over_changes_nothing() {
    play_everywhere(Case::Done).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_any_commit_of_sending_once_more_changes_nothing() {
    play_everywhere(Case::NotDone).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_any_commit_of_a_retry_changes_nothing() {
    play_everywhere(Case::Retry).await;
}
