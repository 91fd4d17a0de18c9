//! A store over another: it passes everything on, and either times the commits or
//! lets receipts vanish, so that the rest of a path can be seen apart from the disk.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::{
    CallId, CompanyId, ConnectionId, EventId, IdempotencyKey, Mode, ReceiptId, RunId, Timestamp, WorkflowId,
    WorkflowKey,
};
use store::{
    ApiKey, Backend, BoxFuture, CommitError, Company, Connection, DataKey, Effected, Input, Intent,
    JournalRow, Page, PageOf, ReadError, Receipt, ReceiptFilter, RequestKey, Run, RunFilter, Secret, Source,
    Store, Timer, Unit, Wait, Workflow, WorkflowVersion, Write,
};
use tokio::time::Instant;

/// What happens to commits.
pub(crate) enum Commits {
    /// They are made, and each one's time is noted.
    Timed(Mutex<Vec<Duration>>),
    /// Units of receipts alone are answered at once and kept nowhere.
    WithoutReceipts,
}

/// The store over another.
pub(crate) struct Over {
    inner: Store,
    commits: Commits,
}

impl Over {
    pub(crate) fn timed(inner: Store) -> Self {
        Self { inner, commits: Commits::Timed(Mutex::default()) }
    }

    pub(crate) fn without_receipts(inner: Store) -> Self {
        Self { inner, commits: Commits::WithoutReceipts }
    }

    /// The times since they were last taken.
    pub(crate) fn take_times(&self) -> Vec<Duration> {
        match &self.commits {
            Commits::Timed(times) => {
                std::mem::take(&mut times.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Commits::WithoutReceipts => Vec::new(),
        }
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $kind),*) -> BoxFuture<'_, Result<$out, ReadError>> {
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Over {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        match &self.commits {
            Commits::Timed(times) => Box::pin(async move {
                let begun = Instant::now();
                let done = self.inner.commit(unit).await;
                times.lock().unwrap_or_else(PoisonError::into_inner).push(begun.elapsed());
                done
            }),
            Commits::WithoutReceipts => Box::pin(async move {
                if !unit.writes.iter().all(|write| matches!(write, Write::Receive(_))) {
                    return self.inner.commit(unit).await;
                }
                let vanish = |write| match write {
                    Write::Receive(receipt) => Effected::Received { receipt: Box::new(receipt), fresh: true },
                    _ => Effected::Done,
                };
                Ok(unit.writes.into_iter().map(vanish).collect())
            }),
        }
    }

    pass_on! {
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
