//! A store that fails on command, around another one.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use model::{
    CallId, CompanyId, ConnectionId, EventId, IdempotencyKey, Mode, ReceiptId, RunId, Timestamp, WorkflowId,
    WorkflowKey,
};
use store::*;

/// What becomes of the commit that is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The process dies and the unit was not written.
    DiesBefore,
    /// The process dies and the unit was written.
    DiesAfter,
    /// The store says "unknown" once; the unit was not written.
    UnknownBefore,
    /// The store says "unknown" once; the unit was written.
    UnknownAfter,
    /// The disk is full once.
    Full,
}

/// When and how.
pub(super) struct Plan {
    /// Commits so far.
    pub(super) commits: AtomicU64,
    /// The commit that fails, from 1; 0 is none.
    at: u64,
    trouble: Trouble,
    dead: AtomicBool,
}

impl Plan {
    pub(super) fn new(at: u64, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self { commits: AtomicU64::new(0), at, trouble, dead: AtomicBool::new(false) })
    }

    pub(super) fn none() -> Arc<Self> {
        Self::new(0, Trouble::DiesBefore)
    }

    pub(super) fn dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    pub(super) fn revive(&self) {
        self.dead.store(false, Ordering::SeqCst);
    }
}

pub(super) struct Troubled {
    pub(super) inner: Arc<Memory>,
    pub(super) plan: Arc<Plan>,
}

impl Troubled {
    async fn write(&self, unit: Unit) -> Result<Vec<Effected>, CommitError> {
        let unknown = || Err(CommitError::Unavailable("the test says so".into()));
        if self.plan.dead() {
            return unknown();
        }
        let n = self.plan.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if n != self.plan.at {
            return self.inner.commit(unit).await;
        }
        match self.plan.trouble {
            Trouble::Full => return Err(CommitError::Full("the test says so".into())),
            Trouble::UnknownBefore => {}
            Trouble::DiesBefore => self.plan.dead.store(true, Ordering::SeqCst),
            Trouble::UnknownAfter => drop(self.inner.commit(unit).await),
            Trouble::DiesAfter => {
                drop(self.inner.commit(unit).await);
                self.plan.dead.store(true, Ordering::SeqCst);
            }
        }
        unknown()
    }
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $type),*) -> BoxFuture<'_, Result<$out, ReadError>> {
            if self.plan.dead() {
                return Box::pin(async { Err(ReadError::Unavailable("the test says so".into())) });
            }
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Troubled {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        Box::pin(self.write(unit))
    }

    reads! {
        companies() -> Vec<Company>;
        api_key(hash: [u8; 32]) -> Option<ApiKey>;
        api_keys(company: CompanyId) -> Vec<ApiKey>;
        data_key(id: &str) -> Option<DataKey>;
        data_keys() -> Vec<DataKey>;
        connections(company: CompanyId) -> Vec<Connection>;
        connection(company: CompanyId, id: ConnectionId) -> Option<Connection>;
        sources(company: CompanyId) -> Vec<Source>;
        secret(company: CompanyId, name: &str) -> Option<Secret>;
        workflows(company: CompanyId) -> Vec<Workflow>;
        workflow(company: CompanyId, id: WorkflowId) -> Option<Workflow>;
        workflow_by_key(company: CompanyId, key: &WorkflowKey) -> Option<Workflow>;
        workflow_version(workflow: WorkflowId, version: u32) -> Option<WorkflowVersion>;
        workflow_versions(workflow: WorkflowId) -> Vec<WorkflowVersion>;
        receipt(id: ReceiptId) -> Option<Receipt>;
        receipts_of_event(company: CompanyId, event: &EventId) -> Vec<Receipt>;
        receipts(company: CompanyId, filter: ReceiptFilter, page: Page<ReceiptId>) -> PageOf<Receipt>;
        to_dispatch(now: Timestamp, limit: u32) -> Vec<Receipt>;
        next_dispatch() -> Option<Timestamp>;
        run(id: RunId) -> Option<Run>;
        runs(company: CompanyId, filter: RunFilter, page: Page<RunId>) -> PageOf<Run>;
        open_runs() -> Vec<Run>;
        runs_of_receipt(receipt: ReceiptId) -> Vec<Run>;
        journal(run: RunId) -> Vec<JournalRow>;
        inputs(run: RunId) -> Vec<Input>;
        timers(run: RunId) -> Vec<Timer>;
        timers_due(by: Timestamp, limit: u32) -> Vec<Timer>;
        next_timer() -> Option<Timestamp>;
        waits(run: RunId) -> Vec<Wait>;
        intent(key: &IdempotencyKey) -> Option<Intent>;
        intent_of_call(company: CompanyId, call: CallId) -> Option<Intent>;
        intents_of_run(run: RunId) -> Vec<Intent>;
        open_intents() -> Vec<Intent>;
        request_key(company: CompanyId, target: &str, key: &str) -> Option<RequestKey>;
        counts(mode: Option<Mode>) -> Vec<(&'static str, u64)>;
    }
}
