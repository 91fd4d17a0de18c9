//! What a database has to do.

use std::{future::Future, pin::Pin, sync::Arc};

use model::{
    AccountId, AuditId, CallId, Cause, CompanyId, ConnectionId, EventId, IdempotencyKey, Mode, ReceiptId,
    RunId, Timestamp, WorkflowId, WorkflowKey,
};

use crate::{
    rows::{
        ApiKey, Audited, Authorization, Company, Connection, DataKey, Holder, Input, Intent, JournalRow,
        Page, PageOf, Receipt, ReceiptFilter, RequestKey, Run, RunFilter, Secret, Source, Timer, Unclaimed,
        UnclaimedOf, Wait, Workflow, WorkflowVersion,
    },
    unit::{CommitError, Effected, Unit},
};

/// A boxed future, so that a backend can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The store as everyone holds it.
pub type Store = Arc<dyn Backend>;

/// Why a read gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The database cannot be read at present.
    #[error("the database cannot be read: {0}")]
    Unavailable(String),
    /// A row's checksum is wrong: it is not served.
    #[error("a row of {table} is damaged ({id}); restore it from a backup, and run `bursar doctor`")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
    },
}

type Read<'a, T> = BoxFuture<'a, Result<T, ReadError>>;

/// A database: atomic units in, rows out. Every read sees what was committed before it.
pub trait Backend: Send + Sync {
    /// Commits a unit and says what each write did. Returns when it is on disk.
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>>;

    /// Every company, oldest first.
    fn companies(&self) -> Read<'_, Vec<Company>>;
    /// The company with this id, else the one of this name.
    fn company(&self, named: &str) -> Read<'_, Option<Company>>;
    /// A company's audit log, newest first.
    fn audit(&self, company: CompanyId, page: Page<AuditId>) -> Read<'_, PageOf<Audited>>;
    /// The key with this hash.
    fn api_key(&self, hash: [u8; 32]) -> Read<'_, Option<ApiKey>>;
    /// A company's keys.
    fn api_keys(&self, company: CompanyId) -> Read<'_, Vec<ApiKey>>;
    /// The data key of this id.
    fn data_key(&self, id: &str) -> Read<'_, Option<DataKey>>;
    /// Every data key; for rotation and for the check at start.
    fn data_keys(&self) -> Read<'_, Vec<DataKey>>;

    /// A company's connections, oldest first.
    fn connections(&self, company: CompanyId) -> Read<'_, Vec<Connection>>;
    /// One of them.
    fn connection(&self, company: CompanyId, id: ConnectionId) -> Read<'_, Option<Connection>>;
    /// The connections of every company to this account in this mode, oldest first;
    /// damaged rows are left out and logged.
    fn connections_of_account(&self, account: &AccountId, mode: Mode) -> Read<'_, Vec<Connection>>;
    /// Who has, or had, a connection to this account in this mode, oldest connection
    /// first, whether or not it can be read; without companies that were removed.
    fn account_holders(&self, account: &AccountId, mode: Mode) -> Read<'_, Vec<Holder>>;
    /// The connections whose credential runs out before this time, soonest first.
    fn connections_expiring(&self, before: Timestamp, limit: u32) -> Read<'_, Vec<Connection>>;
    /// The link with this state.
    fn authorization(&self, state: [u8; 32]) -> Read<'_, Option<Authorization>>;
    /// A company's sources, or the installation's.
    fn sources(&self, company: Option<CompanyId>) -> Read<'_, Vec<Source>>;
    /// Unclaimed events without their bodies, newest first; rows that cannot be read are
    /// left out and logged.
    fn unclaimed(&self, page: Page<ReceiptId>) -> Read<'_, PageOf<Unclaimed>>;
    /// How many there are by account and mode, by name.
    fn unclaimed_accounts(&self) -> Read<'_, Vec<UnclaimedOf>>;
    /// Unclaimed events after this one of accounts that some company has a connection to
    /// by now which was not revoked, oldest first; damaged rows are left out and logged.
    fn claimable(&self, limit: u32, after: Option<ReceiptId>) -> Read<'_, Vec<Unclaimed>>;
    /// A company's secret of this name.
    fn secret(&self, company: CompanyId, name: &str) -> Read<'_, Option<Secret>>;

    /// A company's workflows, oldest first.
    fn workflows(&self, company: CompanyId) -> Read<'_, Vec<Workflow>>;
    /// One of them.
    fn workflow(&self, company: CompanyId, id: WorkflowId) -> Read<'_, Option<Workflow>>;
    /// The one with this key.
    fn workflow_by_key(&self, company: CompanyId, key: &WorkflowKey) -> Read<'_, Option<Workflow>>;
    /// One version of a workflow.
    fn workflow_version(&self, workflow: WorkflowId, version: u32) -> Read<'_, Option<WorkflowVersion>>;
    /// All versions of a workflow, newest first.
    fn workflow_versions(&self, workflow: WorkflowId) -> Read<'_, Vec<WorkflowVersion>>;

    /// A receipt.
    fn receipt(&self, id: ReceiptId) -> Read<'_, Option<Receipt>>;
    /// The receipts of an event, one per account and mode.
    fn receipts_of_event(&self, company: CompanyId, event: &EventId) -> Read<'_, Vec<Receipt>>;
    /// A company's receipts, newest first.
    fn receipts(
        &self,
        company: CompanyId,
        filter: ReceiptFilter,
        page: Page<ReceiptId>,
    ) -> Read<'_, PageOf<Receipt>>;
    /// Receipts to dispatch now: `received`, and `failed` ones whose time has come; oldest
    /// first. When more than `limit` are due, companies take turns, each with its oldest:
    /// one that has very many keeps no other waiting.
    fn to_dispatch(&self, now: Timestamp, limit: u32) -> Read<'_, Vec<Receipt>>;
    /// When the next `failed` receipt is due.
    fn next_dispatch(&self) -> Read<'_, Option<Timestamp>>;

    /// A run.
    fn run(&self, id: RunId) -> Read<'_, Option<Run>>;
    /// The run of this workflow that this cause started.
    fn run_of_cause(&self, company: CompanyId, workflow: WorkflowId, cause: &Cause) -> Read<'_, Option<Run>>;
    /// A company's runs, newest first.
    fn runs(&self, company: CompanyId, filter: RunFilter, page: Page<RunId>) -> Read<'_, PageOf<Run>>;
    /// Every run that has not ended, oldest first; damaged rows are left out and logged.
    fn open_runs(&self) -> Read<'_, Vec<Run>>;
    /// The runs that a receipt started.
    fn runs_of_receipt(&self, receipt: ReceiptId) -> Read<'_, Vec<Run>>;
    /// A run's journal, in order.
    fn journal(&self, run: RunId) -> Read<'_, Vec<JournalRow>>;
    /// A run's inputs that it has not taken in, in order.
    fn inputs(&self, run: RunId) -> Read<'_, Vec<Input>>;
    /// A run's timers.
    fn timers(&self, run: RunId) -> Read<'_, Vec<Timer>>;
    /// The timers due by then, earliest first.
    fn timers_due(&self, by: Timestamp, limit: u32) -> Read<'_, Vec<Timer>>;
    /// The earliest timer.
    fn next_timer(&self) -> Read<'_, Option<Timestamp>>;
    /// A run's open waits.
    fn waits(&self, run: RunId) -> Read<'_, Vec<Wait>>;

    /// The intent of this key.
    fn intent(&self, key: &IdempotencyKey) -> Read<'_, Option<Intent>>;
    /// The intent of this call.
    fn intent_of_call(&self, company: CompanyId, call: CallId) -> Read<'_, Option<Intent>>;
    /// The intents of a run, oldest first.
    fn intents_of_run(&self, run: RunId) -> Read<'_, Vec<Intent>>;
    /// Every intent that is neither settled nor parked, oldest first; damaged rows are
    /// left out and logged.
    fn open_intents(&self) -> Read<'_, Vec<Intent>>;
    /// How many of a company's intents have no outcome for good: open and parked ones,
    /// damaged rows among them.
    fn unsettled_intents(&self, company: CompanyId) -> Read<'_, u64>;
    /// What a caller's key was used for.
    fn request_key(&self, company: CompanyId, target: &str, key: &str) -> Read<'_, Option<RequestKey>>;
    /// How many receipts, runs and open intents there are, and the size in bytes;
    /// for `doctor` and metrics. `mode` bounds the receipts.
    fn counts(&self, mode: Option<Mode>) -> Read<'_, Vec<(&'static str, u64)>>;
}
