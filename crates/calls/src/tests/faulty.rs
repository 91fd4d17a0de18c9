//! A store whose settling commits can give no answer, done or not.

use std::sync::{Arc, Mutex};

use model::*;
use store::*;

/// What becomes of a settling commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Commit {
    /// Done, and the answer is lost.
    DoneUnanswered,
    /// Not done, and the answer is lost.
    NotDoneUnanswered,
}

/// The store in memory, with an eye and a hand on its commits.
pub(crate) struct Faulty {
    pub(crate) inner: Arc<Memory>,
    /// What becomes of the next settling units, in order.
    pub(crate) faults: Mutex<Vec<Commit>>,
    /// Every unit that was done, in order.
    pub(crate) done: Mutex<Vec<Unit>>,
    /// Whether intents cannot be read any more.
    pub(crate) damaged: std::sync::atomic::AtomicBool,
}

impl Faulty {
    pub(crate) fn new(inner: Memory) -> Self {
        Self {
            inner: Arc::new(inner),
            faults: Mutex::default(),
            done: Mutex::default(),
            damaged: false.into(),
        }
    }

    /// The units done that settle or park something.
    pub(crate) fn settling(&self) -> Vec<Unit> {
        self.done.lock().unwrap().iter().filter(|unit| settles(unit)).cloned().collect()
    }
}

fn settles(unit: &Unit) -> bool {
    let settles = |w: &Write| matches!(w, Write::SettleIntent { .. } | Write::ParkIntent { .. });
    unit.writes.iter().any(settles)
}

macro_rules! through {
    ($(fn $name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $kind),*) -> BoxFuture<'_, Result<$out, ReadError>> {
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Faulty {
    fn intent(&self, key: &IdempotencyKey) -> BoxFuture<'_, Result<Option<Intent>, ReadError>> {
        if self.damaged.load(std::sync::atomic::Ordering::SeqCst) {
            let damaged = ReadError::Damaged { table: "intents", id: key.to_string() };
            return Box::pin(async { Err(damaged) });
        }
        self.inner.intent(key)
    }

    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        Box::pin(async move {
            let begins = unit.writes.iter().any(|w| matches!(w, Write::BeginIntent(_)));
            if begins && self.damaged.load(std::sync::atomic::Ordering::SeqCst) {
                return Err(CommitError::Unavailable("a damaged row".into()));
            }
            let fault = {
                let mut faults = self.faults.lock().unwrap();
                if settles(&unit) && !faults.is_empty() { Some(faults.remove(0)) } else { None }
            };
            let unanswered = Err(CommitError::Unavailable("no answer".into()));
            if fault == Some(Commit::NotDoneUnanswered) {
                return unanswered;
            }
            let answer = self.inner.commit(unit.clone()).await?;
            self.done.lock().unwrap().push(unit);
            if fault.is_some() { unanswered } else { Ok(answer) }
        })
    }

    through! {
        fn companies() -> Vec<Company>;
        fn api_key(hash: [u8; 32]) -> Option<ApiKey>;
        fn api_keys(company: CompanyId) -> Vec<ApiKey>;
        fn data_key(id: &str) -> Option<DataKey>;
        fn data_keys() -> Vec<DataKey>;
        fn connections(company: CompanyId) -> Vec<Connection>;
        fn connection(company: CompanyId, id: ConnectionId) -> Option<Connection>;
        fn sources(company: CompanyId) -> Vec<Source>;
        fn secret(company: CompanyId, name: &str) -> Option<Secret>;
        fn workflows(company: CompanyId) -> Vec<Workflow>;
        fn workflow(company: CompanyId, id: WorkflowId) -> Option<Workflow>;
        fn workflow_by_key(company: CompanyId, key: &WorkflowKey) -> Option<Workflow>;
        fn workflow_version(workflow: WorkflowId, version: u32) -> Option<WorkflowVersion>;
        fn workflow_versions(workflow: WorkflowId) -> Vec<WorkflowVersion>;
        fn receipt(id: ReceiptId) -> Option<Receipt>;
        fn receipts_of_event(company: CompanyId, event: &EventId) -> Vec<Receipt>;
        fn receipts(company: CompanyId, filter: ReceiptFilter, page: Page<ReceiptId>) -> PageOf<Receipt>;
        fn to_dispatch(now: Timestamp, limit: u32) -> Vec<Receipt>;
        fn next_dispatch() -> Option<Timestamp>;
        fn run(id: RunId) -> Option<Run>;
        fn runs(company: CompanyId, filter: RunFilter, page: Page<RunId>) -> PageOf<Run>;
        fn open_runs() -> Vec<Run>;
        fn runs_of_receipt(receipt: ReceiptId) -> Vec<Run>;
        fn journal(run: RunId) -> Vec<JournalRow>;
        fn inputs(run: RunId) -> Vec<Input>;
        fn timers(run: RunId) -> Vec<Timer>;
        fn timers_due(by: Timestamp, limit: u32) -> Vec<Timer>;
        fn next_timer() -> Option<Timestamp>;
        fn waits(run: RunId) -> Vec<Wait>;
        fn intent_of_call(company: CompanyId, call: CallId) -> Option<Intent>;
        fn intents_of_run(run: RunId) -> Vec<Intent>;
        fn open_intents() -> Vec<Intent>;
        fn request_key(company: CompanyId, target: &str, key: &str) -> Option<RequestKey>;
        fn counts(mode: Option<Mode>) -> Vec<(&'static str, u64)>;
    }
}
