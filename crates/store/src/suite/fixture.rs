//! Rows for tests: small, distinct, and made without a clock.

use model::{
    AccountId, Binding, CallerKey, Cause, EventId, IdempotencyKey, Mode, Origin, ReceiptStatus, RunStatus,
    Sealed, StepPath, Timestamp, WorkflowKey, WorkflowStatus, seconds,
};

use crate::{
    Authorization, Connection, Effected, Epoch, Intent, IntentState, Receipt, Run, RunInput, Unit, WaitKey,
    Workflow, WorkflowVersion, Write, backend::Backend, unit::CommitError,
};

/// The id of this kind with this number; higher numbers are younger.
pub(crate) fn id<T: std::str::FromStr>(prefix: &str, n: u64) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{prefix}0189000000007000800{n:013x}").parse().unwrap()
}

/// Second `s` of the test's time.
pub(crate) fn at(s: i64) -> Timestamp {
    seconds(1_700_000_000 + s)
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed::from_ciphertext(text.as_bytes().to_vec())
}

pub(crate) fn path(text: &str) -> StepPath {
    StepPath::parse(text).unwrap()
}

pub(crate) fn binding() -> Binding {
    Binding {
        company: id("co_", 1),
        connection: id("conn_", 1),
        account: AccountId::new("acct_1"),
        mode: Mode::Test,
    }
}

/// Event `evt_n` about `in_n` of `cus_1`, received at second n.
pub(crate) fn receipt(n: u64) -> Receipt {
    Receipt {
        id: id("rcpt_", n),
        company: id("co_", 1),
        account: AccountId::new("acct_1"),
        mode: Mode::Test,
        event: EventId::new(format!("evt_{n}")),
        kind: "invoice.paid".into(),
        created_at: at(n as i64 - 1),
        received_at: at(n as i64),
        objects: vec![format!("in_{n}"), "cus_1".into()],
        listeners: 1,
        body: sealed(&format!("body {n}")),
        status: ReceiptStatus::Received,
        tries: 0,
        next_try_at: None,
        error: None,
    }
}

/// Run n of workflow w, because of event n and with its receipt.
pub(crate) fn run(n: u64, w: u64) -> Run {
    Run {
        id: id("run_", n),
        company: id("co_", 1),
        workflow: id("wf_", w),
        key: WorkflowKey::parse(format!("w{w}")).unwrap(),
        version: 1,
        core: 1,
        cause: Cause::Event(EventId::new(format!("evt_{n}"))),
        binding: binding(),
        input: RunInput::Receipt(id("rcpt_", n)),
        status: RunStatus::Pending,
        created_at: at(n as i64),
        ended_at: None,
        result: None,
    }
}

/// A run that a caller started.
pub(crate) fn called_run(n: u64) -> Run {
    let cause = Cause::Caller(CallerKey::parse(format!("key {n}")).unwrap());
    Run { cause, input: RunInput::Given(sealed("input")), ..run(n, 9) }
}

pub(crate) fn intent(n: u64) -> Intent {
    let origin = Origin::Call { action: "stripe.a".into(), key: CallerKey::parse(format!("k{n}")).unwrap() };
    Intent {
        key: IdempotencyKey::from_text(format!("bursar_{n}")),
        call: id("call_", n),
        origin,
        run: Some(id("run_", 1)),
        path: path("call"),
        generation: 0,
        binding: binding(),
        action: "stripe.a".into(),
        request: sealed(&format!("request {n}")),
        first_attempt: at(n as i64),
        state: IntentState::Open,
        stripe_request_id: None,
        settled_at: None,
    }
}

pub(crate) fn settle(n: u64, outcome: &str) -> Write {
    Write::SettleIntent {
        key: IdempotencyKey::from_text(format!("bursar_{n}")),
        outcome: sealed(outcome),
        stripe_request_id: Some("req_1".into()),
        at: at(100),
    }
}

pub(crate) fn wait_key(object: &str) -> WaitKey {
    WaitKey {
        company: id("co_", 1),
        account: AccountId::new("acct_1"),
        mode: Mode::Test,
        kinds: vec!["invoice.paid".into(), "invoice.voided".into()],
        object: object.into(),
    }
}

pub(crate) fn begin_wait(run: u64, step: &str, object: &str, since: i64) -> Write {
    let (run, path) = (id("run_", run), path(step));
    Write::BeginWait { run, path, on: wait_key(object), since: at(since), epoch: Epoch(0) }
}

pub(crate) fn dispatch(receipt: u64, runs: Vec<Run>) -> Write {
    Write::Dispatch { receipt: id("rcpt_", receipt), runs, epoch: Epoch(0) }
}

/// A failed start, tried again at that second or never.
pub(crate) fn retry(receipt: u64, next_try_at: Option<i64>) -> Write {
    let (receipt, next_try_at) = (id("rcpt_", receipt), next_try_at.map(at));
    Write::RetryDispatch { receipt, next_try_at, tries: 1, error: "why".into(), epoch: Epoch(0) }
}

pub(crate) fn set_run(run: u64, status: RunStatus) -> Write {
    let ended_at = status.is_final().then(|| at(50));
    Write::SetRun { run: id("run_", run), status, result: Some(sealed("r")), ended_at, epoch: Epoch(0) }
}

pub(crate) fn journal(run: u64, seq: u64, row: &str) -> Write {
    Write::Journal { run: id("run_", run), seq, row: sealed(row), epoch: Epoch(0) }
}

pub(crate) fn connection(n: u64, name: &str) -> Connection {
    Connection {
        id: id("conn_", n),
        company: id("co_", 1),
        name: name.into(),
        account: Some(AccountId::new("acct_1")),
        mode: Mode::Test,
        kind: "api_key".into(),
        status: model::ConnectionStatus::Active,
        credential: Some(sealed("secret")),
        expires_at: None,
        base_url: "http://127.0.0.1".into(),
        version: None,
        scopes: vec!["read_write".into()],
        details: "{}".into(),
        error: None,
        is_default: n == 1,
        revision: 1,
        created_at: at(1),
        updated_at: at(2),
        authorized_at: Some(at(2)),
        used_at: None,
    }
}

pub(crate) fn authorization(state: u8, connection: u64) -> Authorization {
    Authorization {
        state: [state; 32],
        company: id("co_", 1),
        connection: id("conn_", connection),
        kept: sealed("kept"),
        created_at: at(1),
        expires_at: at(5),
    }
}

pub(crate) fn workflow(n: u64, key: &str, version: u32) -> (Workflow, WorkflowVersion) {
    let workflow = Workflow {
        id: id("wf_", n),
        company: id("co_", 1),
        key: WorkflowKey::parse(key).unwrap(),
        name: key.into(),
        status: WorkflowStatus::Draft,
        version,
        activated_at: None,
        created_at: at(1),
        updated_at: at(1),
    };
    let text = WorkflowVersion {
        workflow: workflow.id,
        version,
        source: format!("name: {key} # {version}"),
        model_hash: format!("{version:x}"),
        created_at: at(i64::from(version)),
    };
    (workflow, text)
}

/// Commits and returns the effects; for units that must succeed.
pub(crate) async fn done(store: &dyn Backend, writes: Vec<Write>) -> Vec<Effected> {
    store.commit(Unit::interactive(writes)).await.unwrap()
}

/// Commits a unit that must not succeed.
pub(crate) async fn refused(store: &dyn Backend, writes: Vec<Write>) -> CommitError {
    store.commit(Unit::background(writes)).await.unwrap_err()
}
