//! Epochs, atomicity, and every caller's own answer.

use model::RunStatus;

use super::{cases, fixture::*};
use crate::{Backend, CommitError, Effected, Epoch, Refusal, Unit, Write};

cases!(
    an_older_driver_is_fenced_off,
    a_fenced_unit_changes_nothing,
    an_empty_unit_is_committed,
    each_of_a_thousand_callers_gets_its_own_answer,
);

fn set(run: u64, epoch: u64) -> Write {
    let Write::SetRun { run, status, result, ended_at, .. } = set_run(run, RunStatus::Running) else {
        unreachable!("set_run makes a SetRun")
    };
    Write::SetRun { run, status, result, ended_at, epoch: Epoch(epoch) }
}

async fn an_older_driver_is_fenced_off(store: &dyn Backend) {
    done(store, vec![Write::StartRun(run(1, 1)), set(1, 0)]).await;
    assert_eq!(done(store, vec![Write::TakeDriver]).await, [Effected::Driver(Epoch(1))]);
    assert_eq!(refused(store, vec![set(1, 0)]).await, CommitError::Fenced);
    done(store, vec![set(1, 1)]).await;
    assert_eq!(done(store, vec![Write::TakeDriver]).await, [Effected::Driver(Epoch(2))]);
    assert_eq!(refused(store, vec![journal(1, 1, "old")]).await, CommitError::Fenced);
    assert_eq!(refused(store, vec![begin_wait(1, "w", "o", 0)]).await, CommitError::Fenced);
    // A unit that takes over and writes as the driver before is fenced off by itself.
    assert_eq!(refused(store, vec![Write::TakeDriver, set(1, 2)]).await, CommitError::Fenced);
    done(store, vec![Write::TakeDriver, set(1, 3)]).await;
}

async fn a_fenced_unit_changes_nothing(store: &dyn Backend) {
    done(store, vec![Write::TakeDriver]).await;
    let why = refused(store, vec![Write::StartRun(run(1, 1)), Write::TakeDriver, set(1, 0)]).await;
    assert_eq!(why, CommitError::Fenced);
    assert_eq!(store.run(id("run_", 1)).await.unwrap(), None);
    // The refused unit has not raised the epoch either, nor has one refused later.
    let missing = Write::Replay { receipt: id("rcpt_", 9) };
    let why = refused(store, vec![Write::TakeDriver, missing]).await;
    assert_eq!(why, CommitError::Refused { write: 1, why: Refusal::Missing });
    assert_eq!(done(store, vec![Write::TakeDriver]).await, [Effected::Driver(Epoch(2))]);
}

async fn an_empty_unit_is_committed(store: &dyn Backend) {
    assert_eq!(done(store, vec![]).await, []);
}

async fn each_of_a_thousand_callers_gets_its_own_answer(store: &dyn Backend) {
    done(store, vec![Write::StartRun(run(1, 1)), journal(1, 1, "taken")]).await;
    let unit = |n: u64| match n % 4 {
        0 => Unit::interactive(vec![Write::Receive(receipt(n))]),
        // The second of two writes is refused: the first must not stay.
        1 => Unit::background(vec![Write::StartRun(called_run(n)), journal(1, 1, "late")]),
        2 => Unit::background(vec![Write::StartRun(called_run(n)), journal(n, 1, "row")]),
        _ => Unit::interactive(vec![Write::BeginIntent(intent(n)), settle(n, "done")]),
    };
    let answers = futures_util::future::join_all((1000..2000).map(|n| store.commit(unit(n)))).await;
    for (n, answer) in (1000..2000).zip(answers) {
        match n % 4 {
            0 => {
                let stored = Effected::Received { receipt: Box::new(receipt(n)), fresh: true };
                assert_eq!(answer, Ok(vec![stored]));
            }
            1 => {
                assert_eq!(answer, Err(CommitError::Refused { write: 1, why: Refusal::Conflict }));
                assert_eq!(store.run(id("run_", n)).await.unwrap(), None);
            }
            2 => {
                let started = Effected::Started { run: id("run_", n), existed: false };
                assert_eq!(answer, Ok(vec![started, Effected::Done]));
                assert_eq!(store.run(id("run_", n)).await.unwrap(), Some(called_run(n)));
            }
            _ => assert_eq!(answer.unwrap().len(), 2),
        }
    }
    let counts = store.counts(None).await.unwrap();
    assert!(counts.contains(&("receipts", 250)) && counts.contains(&("runs", 251)), "{counts:?}");
}
