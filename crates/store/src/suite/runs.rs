//! Runs, journals, timers and inputs.

use model::{Cause, ReceiptStatus, RunStatus, WorkflowKey};

use super::{cases, fixture::*};
use crate::{
    Backend, CommitError, Epoch, Input, InputKind, JournalRow, Page, Refusal, RunFilter, Timer, Write,
};

cases!(
    a_run_reads_back_as_it_was_started,
    a_cause_starts_one_run_per_workflow,
    a_journal_place_is_taken_once,
    a_timer_moves_and_is_due_at_its_time,
    an_ended_run_waits_for_nothing,
    an_ended_run_goes_on_with_its_receipt,
    a_run_is_canceled_once,
    runs_are_paged_newest_first,
    writes_about_unknown_runs_are_refused,
);

fn timer(run: u64, step: &str, s: i64) -> Write {
    Write::SetTimer { run: id("run_", run), path: path(step), at: at(s), epoch: Epoch(0) }
}

async fn a_run_reads_back_as_it_was_started(store: &dyn Backend) {
    done(store, vec![Write::StartRun(run(1, 1)), Write::StartRun(called_run(2))]).await;
    assert_eq!(store.run(id("run_", 1)).await.unwrap(), Some(run(1, 1)));
    assert_eq!(store.open_runs().await.unwrap(), [run(1, 1), called_run(2)]);
    done(store, vec![set_run(1, RunStatus::Completed)]).await;
    let ended = store.run(id("run_", 1)).await.unwrap().unwrap();
    assert_eq!(
        (ended.status, ended.ended_at, ended.result),
        (RunStatus::Completed, Some(at(50)), Some(sealed("r")))
    );
    assert_eq!(store.open_runs().await.unwrap(), [called_run(2)]);
}

async fn a_cause_starts_one_run_per_workflow(store: &dyn Backend) {
    done(store, vec![Write::StartRun(run(1, 1))]).await;
    let mut elsewhere = run(1, 2);
    elsewhere.id = id("run_", 2);
    elsewhere.key = WorkflowKey::parse("w2").unwrap();
    done(store, vec![Write::StartRun(elsewhere)]).await;
    let mut taken = run(3, 3);
    taken.id = id("run_", 1);
    let why = refused(store, vec![Write::StartRun(called_run(4)), Write::StartRun(taken)]).await;
    assert_eq!(why, CommitError::Refused { write: 1, why: Refusal::Conflict });
    assert_eq!(store.run(id("run_", 4)).await.unwrap(), None);
    let of_cause = async |workflow, cause: &Cause| {
        store.run_of_cause(id("co_", 1), id("wf_", workflow), cause).await.unwrap().map(|run| run.id)
    };
    assert_eq!(of_cause(1, &run(1, 1).cause).await, Some(id("run_", 1)));
    assert_eq!(of_cause(2, &run(1, 1).cause).await, Some(id("run_", 2)));
    assert_eq!(of_cause(1, &run(8, 1).cause).await, None);
    assert_eq!(store.run_of_cause(id("co_", 2), id("wf_", 1), &run(1, 1).cause).await.unwrap(), None);
    assert_eq!(store.run(id("run_", 1)).await.unwrap(), Some(run(1, 1)));
}

async fn a_journal_place_is_taken_once(store: &dyn Backend) {
    done(store, vec![Write::StartRun(run(1, 1)), journal(1, 2, "two"), journal(1, 1, "one")]).await;
    let why = refused(store, vec![timer(1, "s", 5), journal(1, 2, "again")]).await;
    assert_eq!(why, CommitError::Refused { write: 1, why: Refusal::Conflict });
    assert_eq!(store.timers(id("run_", 1)).await.unwrap(), []);
    let rows = store.journal(id("run_", 1)).await.unwrap();
    assert_eq!(rows, [JournalRow { seq: 1, row: sealed("one") }, JournalRow { seq: 2, row: sealed("two") }]);
}

async fn a_timer_moves_and_is_due_at_its_time(store: &dyn Backend) {
    done(store, vec![Write::StartRun(run(1, 1)), timer(1, "b", 30), timer(1, "a", 20)]).await;
    assert_eq!(store.next_timer().await.unwrap(), Some(at(20)));
    done(store, vec![timer(1, "a", 40)]).await;
    let due = store.timers_due(at(39), 10).await.unwrap();
    assert_eq!(due, [Timer { run: id("run_", 1), path: path("b"), at: at(30) }]);
    assert_eq!(store.timers_due(at(40), 1).await.unwrap(), due);
    for _ in 0..2 {
        let clear = Write::ClearTimer { run: id("run_", 1), path: path("b"), epoch: Epoch(0) };
        done(store, vec![clear]).await;
    }
    let left = store.timers(id("run_", 1)).await.unwrap();
    assert_eq!(left, [Timer { run: id("run_", 1), path: path("a"), at: at(40) }]);
}

async fn an_ended_run_waits_for_nothing(store: &dyn Backend) {
    let cancel = Write::Tell { run: id("run_", 1), kind: InputKind::Cancel };
    done(
        store,
        vec![Write::StartRun(run(1, 1)), timer(1, "t", 9), begin_wait(1, "w", "in_1", 0), cancel.clone()],
    )
    .await;
    done(store, vec![set_run(1, RunStatus::Canceled)]).await;
    for _ in 0..2 {
        assert_eq!(store.timers(id("run_", 1)).await.unwrap(), []);
        assert_eq!(store.waits(id("run_", 1)).await.unwrap(), []);
        assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
        assert_eq!(store.next_timer().await.unwrap(), None);
        done(store, vec![timer(1, "t", 9), begin_wait(1, "w", "in_1", 0), cancel.clone()]).await;
    }
}

async fn an_ended_run_goes_on_with_its_receipt(store: &dyn Backend) {
    let event = receipt(1);
    let reopen = || Write::Reopen { run: id("run_", 1), epoch: Epoch(0) };
    done(store, vec![Write::Receive(event.clone())]).await;
    let dispatch = Write::Dispatch { receipt: event.id, runs: vec![run(1, 1)], epoch: Epoch(0) };
    done(store, vec![dispatch]).await;
    let why = refused(store, vec![reopen()]).await;
    assert_eq!(why, CommitError::Refused { write: 0, why: Refusal::Conflict });
    let status = async || store.receipt(event.id).await.unwrap().unwrap().status;
    for _ in 0..2 {
        done(store, vec![set_run(1, RunStatus::Failed)]).await;
        assert_eq!(status().await, ReceiptStatus::Done);
        done(store, vec![reopen(), timer(1, "t", 9)]).await;
        let row = store.run(id("run_", 1)).await.unwrap().unwrap();
        assert_eq!((row.status, row.ended_at, row.result), (RunStatus::Running, None, None));
        assert_eq!(status().await, ReceiptStatus::Dispatched);
        assert_eq!(store.next_timer().await.unwrap(), Some(at(9)));
    }
    let missing = Write::Reopen { run: id("run_", 9), epoch: Epoch(0) };
    let why = refused(store, vec![missing]).await;
    assert_eq!(why, CommitError::Refused { write: 0, why: Refusal::Missing });
}

async fn a_run_is_canceled_once(store: &dyn Backend) {
    let cancel = Write::Cancel { run: id("run_", 1) };
    done(store, vec![Write::StartRun(run(1, 1)), cancel.clone()]).await;
    let conflict = CommitError::Refused { write: 0, why: Refusal::Conflict };
    let again = || refused(store, vec![cancel.clone()]);
    assert_eq!(again().await, conflict);
    let told = store.inputs(id("run_", 1)).await.unwrap();
    assert_eq!(told, [Input { run: id("run_", 1), n: 1, kind: InputKind::Cancel }]);
    let consume = Write::ConsumeInput { run: id("run_", 1), n: 1, epoch: Epoch(0) };
    done(store, vec![consume.clone(), consume]).await;
    assert_eq!(again().await, conflict, "taken in, it is on record all the same");
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
    done(store, vec![set_run(1, RunStatus::Canceled)]).await;
    assert_eq!(again().await, conflict, "it has ended");
}

async fn runs_are_paged_newest_first(store: &dyn Backend) {
    for n in 1..=5 {
        done(store, vec![Write::StartRun(run(n, n % 2))]).await;
    }
    done(store, vec![set_run(3, RunStatus::Failed)]).await;
    let page = async |workflow: Option<u64>, status, limit, after: Option<u64>| {
        let filter = RunFilter { workflow: workflow.map(|w| id("wf_", w)), status };
        let page = Page { limit, after: after.map(|n| id("run_", n)) };
        let got = store.runs(id("co_", 1), filter, page).await.unwrap();
        (got.rows.iter().map(|r| r.id).collect::<Vec<_>>(), got.has_more)
    };
    let ids = |of: &[u64]| of.iter().map(|n| id("run_", *n)).collect::<Vec<_>>();
    assert_eq!(page(None, None, 3, None).await, (ids(&[5, 4, 3]), true));
    assert_eq!(page(None, None, 3, Some(3)).await, (ids(&[2, 1]), false));
    assert_eq!(page(Some(1), None, 2, None).await, (ids(&[5, 3]), true));
    assert_eq!(page(None, Some(RunStatus::Failed), 2, None).await, (ids(&[3]), false));
    assert_eq!(page(Some(0), Some(RunStatus::Pending), 1, None).await, (ids(&[4]), true));
    assert_eq!(page(Some(0), Some(RunStatus::Failed), 1, None).await, (vec![], false));
}

async fn writes_about_unknown_runs_are_refused(store: &dyn Backend) {
    let tell = Write::Tell { run: id("run_", 1), kind: InputKind::Cancel };
    let all = [
        journal(1, 1, "x"),
        set_run(1, RunStatus::Failed),
        timer(1, "t", 1),
        begin_wait(1, "w", "o", 0),
        tell,
        Write::Cancel { run: id("run_", 1) },
    ];
    for write in all {
        let why = refused(store, vec![Write::StartRun(called_run(7)), write.clone()]).await;
        assert_eq!(why, CommitError::Refused { write: 1, why: Refusal::Missing }, "{write:?}");
        assert_eq!(store.run(id("run_", 7)).await.unwrap(), None, "{write:?}");
    }
}
