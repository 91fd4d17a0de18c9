//! Random units give the same effects and the same reads on SQLite and in memory.
//!
//! Few ids, so that collisions are the rule. Units are committed one by one and
//! in bursts; the seed of a failing sequence is printed.

use model::{AccountId, EventId, IdempotencyKey, Mode, ReceiptStatus, RunStatus};

use super::fixture::*;
use crate::{
    Backend, Connection, Epoch, InputKind, Memory, MemoryOptions, Page, ReceiptFilter, Run, RunFilter,
    Sqlite, SqliteOptions, Unit, Write,
};

const SEEDS: u64 = 20;
const STEPS: usize = 120;

fn pick<T: Clone>(rng: &mut fastrand::Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())].clone()
}

fn random_run(rng: &mut fastrand::Rng) -> Run {
    let mut run = run(rng.u64(1..6), rng.u64(1..3));
    run.id = id("run_", rng.u64(1..8));
    run
}

fn of_connection(rng: &mut fastrand::Rng, n: u64, step: &str) -> Write {
    let (first, second) = (step == "a", at(rng.i64(0..9)));
    let row = connection(n, if first { "x" } else { "y" });
    let row = Connection { revision: rng.u64(1..4), ..row };
    let all = [
        Write::PutConnection(row.clone()),
        Write::PutConnection(row),
        Write::UseConnection(id("co_", 1), id("conn_", n), second),
        Write::RemoveConnection(id("co_", 1), id("conn_", n)),
        Write::PutAuthorization(authorization(u8::from(first), n)),
        Write::TakeAuthorization([u8::from(first); 32]),
        Write::ForgetAuthorizations(second),
    ];
    pick(rng, &all)
}

fn random_write(rng: &mut fastrand::Rng) -> Write {
    let n = rng.u64(1..6);
    let step = pick(rng, &["a", "b"]);
    let epoch = Epoch(rng.u64(0..3));
    let run = id("run_", rng.u64(1..8));
    match rng.u32(0..22) {
        0..=2 => {
            let mut row = receipt(n);
            row.id = id("rcpt_", rng.u64(1..9));
            row.account = AccountId::new(pick(rng, &["acct_1", "acct_1", "acct_2"]));
            row.event = EventId::new(format!("evt_{n}"));
            Write::Receive(row)
        }
        3 | 4 => {
            let runs = (0..rng.usize(..3)).map(|_| random_run(rng)).collect();
            Write::Dispatch { receipt: id("rcpt_", rng.u64(1..9)), runs, epoch }
        }
        5 => {
            let next_try_at = rng.bool().then(|| at(rng.i64(0..50)));
            Write::RetryDispatch { receipt: id("rcpt_", n), next_try_at, tries: 1, error: "e".into(), epoch }
        }
        6 => Write::Replay { receipt: id("rcpt_", rng.u64(1..9)) },
        7 => Write::StartRun(random_run(rng)),
        8 => Write::BeginIntent(intent(n)),
        9 => settle(n, "outcome"),
        10 => Write::ParkIntent { key: IdempotencyKey::from_text(format!("bursar_{n}")), known: sealed("k") },
        11 | 12 => Write::Journal { run, seq: rng.u64(1..9), row: sealed("row"), epoch },
        13 => {
            let statuses = [RunStatus::Running, RunStatus::Parked, RunStatus::Completed, RunStatus::Failed];
            let status = pick(rng, &statuses);
            Write::SetRun { run, status, result: None, ended_at: None, epoch }
        }
        14 => Write::SetTimer { run, path: path(step), at: at(rng.i64(0..50)), epoch },
        15 => Write::ClearTimer { run, path: path(step), epoch },
        16 => {
            let object = pick(rng, &["cus_1", "in_1", "in_2", "in_3"]);
            let since = at(rng.i64(0..6));
            Write::BeginWait { run, path: path(step), on: wait_key(object), since, epoch }
        }
        17 => Write::EndWait { run, path: path(step), epoch },
        18 => pick(
            rng,
            &[Write::Tell { run, kind: InputKind::Cancel }, Write::ConsumeInput { run, n: 1, epoch }],
        ),
        19 => of_connection(rng, n, step),
        20 => Write::Reopen { run, epoch },
        _ => {
            if rng.u32(..20) == 0 {
                return Write::TakeDriver;
            }
            let (mut workflow, version) = workflow(n, step, rng.u32(1..4));
            workflow.name = step.into();
            Write::SaveWorkflow { workflow, version: rng.bool().then_some(version) }
        }
    }
}

fn random_unit(rng: &mut fastrand::Rng) -> Unit {
    Unit::interactive((0..rng.usize(1..5)).map(|_| random_write(rng)).collect())
}

/// Everything that can be read, as text.
async fn everything(store: &dyn Backend) -> Vec<String> {
    let company = id("co_", 1);
    let mut all = vec![
        format!("{:?}", store.open_runs().await),
        format!("{:?}", store.open_intents().await),
        format!("{:?}", store.to_dispatch(at(25), 5).await),
        format!("{:?}", store.next_dispatch().await),
        format!("{:?}", store.timers_due(at(25), 5).await),
        format!("{:?}", store.next_timer().await),
        format!("{:?}", store.connections(company).await),
        format!("{:?}", store.authorization([0; 32]).await),
        format!("{:?}", store.authorization([1; 32]).await),
        format!("{:?}", store.workflows(company).await),
        format!("{:?}", &store.counts(Some(Mode::Test)).await.unwrap()[..3]),
    ];
    for n in 1..9 {
        let (run, receipt) = (id("run_", n), id("rcpt_", n));
        all.push(format!("{n} {:?}", store.run(run).await));
        all.push(format!("{n} {:?}", store.journal(run).await));
        all.push(format!("{n} {:?}", store.inputs(run).await));
        all.push(format!("{n} {:?}", store.timers(run).await));
        all.push(format!("{n} {:?}", store.waits(run).await));
        all.push(format!("{n} {:?}", store.intents_of_run(run).await));
        all.push(format!("{n} {:?}", store.receipt(receipt).await));
        all.push(format!("{n} {:?}", store.runs_of_receipt(receipt).await));
        all.push(format!("{n} {:?}", store.workflow_versions(id("wf_", n)).await));
        all.push(format!("{n} {:?}", store.intent_of_call(company, id("call_", n)).await));
    }
    for object in [None, Some("cus_1"), Some("in_2")] {
        for status in [None, Some(ReceiptStatus::Dispatched), Some(ReceiptStatus::Ignored)] {
            let filter = ReceiptFilter { kind: None, status, object: object.map(Into::into) };
            all.push(format!(
                "{:?}",
                store.receipts(company, filter, Page { limit: 2, after: Some(id("rcpt_", 7)) }).await
            ));
        }
    }
    for status in [None, Some(RunStatus::Completed)] {
        let filter = RunFilter { workflow: Some(id("wf_", 1)), status };
        all.push(format!("{:?}", store.runs(company, filter, Page { limit: 2, after: None }).await));
    }
    all
}

/// Commits the units of a step one after the other, or all at once.
async fn commit(store: &dyn Backend, units: &[Unit], at_once: bool) -> Vec<String> {
    let mut answers = Vec::new();
    if at_once {
        for answer in
            futures_util::future::join_all(units.iter().map(|unit| store.commit(unit.clone()))).await
        {
            answers.push(format!("{answer:?}"));
        }
    } else {
        for unit in units {
            answers.push(format!("{:?}", store.commit(unit.clone()).await));
        }
    }
    answers
}

#[tokio::test]
async fn random_units_mean_the_same_on_both_backends() {
    let mut refused = 0;
    for seed in 0..SEEDS {
        let mut rng = fastrand::Rng::with_seed(seed);
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(folder.path(), SqliteOptions::default()).await.unwrap();
        let memory = Memory::new(MemoryOptions { seed, ..MemoryOptions::default() });
        for step in 0..STEPS {
            let units: Vec<_> = (0..rng.usize(1..4)).map(|_| random_unit(&mut rng)).collect();
            // Units of nothing but receipts, and a dispatch alone, overtake others of their
            // group, so those come one by one.
            let overtakes = |u: &Unit| {
                let dispatches = matches!(u.writes.as_slice(), [Write::Dispatch { .. }]);
                dispatches || u.writes.iter().all(|w| matches!(w, Write::Receive(_)))
            };
            let at_once = rng.bool() && !units.iter().any(overtakes);
            let (on_sqlite, in_memory) =
                (commit(&sqlite, &units, at_once).await, commit(&memory, &units, at_once).await);
            assert_eq!(on_sqlite, in_memory, "seed {seed}, step {step}: {units:#?}");
            refused += on_sqlite.iter().filter(|answer| answer.contains("Refused")).count();
        }
        let (on_sqlite, in_memory) = (everything(&sqlite).await, everything(&memory).await);
        for (a, b) in on_sqlite.iter().zip(&in_memory) {
            assert_eq!(a, b, "seed {seed}");
        }
        sqlite.close().await;
    }
    assert!(refused > 100, "the sequences hardly collide: {refused} refusals");
}
