//! The store's reads, each a short statement on a connection of its own that can
//! only read; and the way into the writer's queue.

use model::{
    AccountId, AuditId, CallId, Cause, CompanyId, ConnectionId, EventId, IdempotencyKey, Mode, ReceiptId,
    RunId, Timestamp, WorkflowId, WorkflowKey,
};
use sqlx::{Row, SqliteConnection, query};

use super::{
    Sqlite, audit, columns::unreadable, connections, due, intents, journal, receipts, runs, tenants,
    unclaimed, workflows,
};
use crate::{
    backend::{Backend, BoxFuture, ReadError},
    rows::{
        ApiKey, Audited, Authorization, Company, Connection, DataKey, Holder, Input, Intent, JournalRow,
        Page, PageOf, Receipt, ReceiptFilter, RequestKey, Run, RunFilter, Secret, Source, Timer, Unclaimed,
        UnclaimedOf, Wait, Workflow, WorkflowVersion,
    },
    unit::{CommitError, Effected, Unit},
};

type Read<'a, T> = BoxFuture<'a, Result<T, ReadError>>;

/// Runs a read on a connection of the reading pool.
macro_rules! read {
    ($self:ident, $conn:ident, $read:expr) => {
        Box::pin(async move {
            let mut pooled = $self.read.acquire().await.map_err(unreadable)?;
            let $conn = &mut *pooled;
            $read.await
        })
    };
}

impl Backend for Sqlite {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        Box::pin(self.enqueue(unit))
    }

    fn companies(&self) -> Read<'_, Vec<Company>> {
        read!(self, conn, tenants::companies(conn))
    }

    fn company(&self, named: &str) -> Read<'_, Option<Company>> {
        let named = named.to_owned();
        read!(self, conn, tenants::company(conn, &named))
    }

    fn audit(&self, company: CompanyId, page: Page<AuditId>) -> Read<'_, PageOf<Audited>> {
        read!(self, conn, audit::page(conn, company, page))
    }

    fn api_key(&self, hash: [u8; 32]) -> Read<'_, Option<ApiKey>> {
        read!(self, conn, tenants::api_key(conn, hash))
    }

    fn api_keys(&self, company: CompanyId) -> Read<'_, Vec<ApiKey>> {
        read!(self, conn, tenants::api_keys(conn, company))
    }

    fn data_key(&self, id: &str) -> Read<'_, Option<DataKey>> {
        let id = id.to_owned();
        read!(self, conn, tenants::data_key(conn, &id))
    }

    fn data_keys(&self) -> Read<'_, Vec<DataKey>> {
        read!(self, conn, tenants::data_keys(conn))
    }

    fn connections(&self, company: CompanyId) -> Read<'_, Vec<Connection>> {
        read!(self, conn, connections::list(conn, company))
    }

    fn connection(&self, company: CompanyId, id: ConnectionId) -> Read<'_, Option<Connection>> {
        read!(self, conn, connections::by_id(conn, company, id))
    }

    fn connections_of_account(&self, account: &AccountId, mode: Mode) -> Read<'_, Vec<Connection>> {
        let account = account.clone();
        read!(self, conn, connections::of_account(conn, &account, mode))
    }

    fn account_holders(&self, account: &AccountId, mode: Mode) -> Read<'_, Vec<Holder>> {
        let account = account.clone();
        read!(self, conn, connections::holders(conn, &account, mode))
    }

    fn connections_expiring(&self, before: Timestamp, limit: u32) -> Read<'_, Vec<Connection>> {
        read!(self, conn, connections::expiring(conn, before, limit))
    }

    fn authorization(&self, state: [u8; 32]) -> Read<'_, Option<Authorization>> {
        read!(self, conn, connections::authorization(conn, state))
    }

    fn unclaimed(&self, page: Page<ReceiptId>) -> Read<'_, PageOf<Unclaimed>> {
        read!(self, conn, unclaimed::page(conn, page))
    }

    fn unclaimed_accounts(&self) -> Read<'_, Vec<UnclaimedOf>> {
        read!(self, conn, unclaimed::accounts(conn))
    }

    fn claimable(&self, limit: u32, after: Option<ReceiptId>) -> Read<'_, Vec<Unclaimed>> {
        read!(self, conn, unclaimed::claimable(conn, limit, after))
    }

    fn sources(&self, company: Option<CompanyId>) -> Read<'_, Vec<Source>> {
        read!(self, conn, tenants::sources(conn, company))
    }

    fn secret(&self, company: CompanyId, name: &str) -> Read<'_, Option<Secret>> {
        let name = name.to_owned();
        read!(self, conn, tenants::secret(conn, company, &name))
    }

    fn workflows(&self, company: CompanyId) -> Read<'_, Vec<Workflow>> {
        read!(self, conn, workflows::list(conn, company))
    }

    fn workflow(&self, company: CompanyId, id: WorkflowId) -> Read<'_, Option<Workflow>> {
        read!(self, conn, workflows::by_id(conn, company, id))
    }

    fn workflow_by_key(&self, company: CompanyId, key: &WorkflowKey) -> Read<'_, Option<Workflow>> {
        let key = key.clone();
        read!(self, conn, workflows::by_key(conn, company, &key))
    }

    fn workflow_version(&self, workflow: WorkflowId, version: u32) -> Read<'_, Option<WorkflowVersion>> {
        read!(self, conn, workflows::version(conn, workflow, version))
    }

    fn workflow_versions(&self, workflow: WorkflowId) -> Read<'_, Vec<WorkflowVersion>> {
        read!(self, conn, workflows::versions(conn, workflow))
    }

    fn receipt(&self, id: ReceiptId) -> Read<'_, Option<Receipt>> {
        read!(self, conn, receipts::by_id(conn, id))
    }

    fn receipts_of_event(&self, company: CompanyId, event: &EventId) -> Read<'_, Vec<Receipt>> {
        let event = event.clone();
        read!(self, conn, receipts::of_event(conn, company, &event))
    }

    fn receipts(
        &self,
        company: CompanyId,
        filter: ReceiptFilter,
        page: Page<ReceiptId>,
    ) -> Read<'_, PageOf<Receipt>> {
        read!(self, conn, receipts::page(conn, company, &filter, page))
    }

    fn to_dispatch(&self, now: Timestamp, limit: u32) -> Read<'_, Vec<Receipt>> {
        read!(self, conn, due::to_dispatch(conn, now, limit))
    }

    fn next_dispatch(&self) -> Read<'_, Option<Timestamp>> {
        read!(self, conn, due::next_dispatch(conn))
    }

    fn run(&self, id: RunId) -> Read<'_, Option<Run>> {
        read!(self, conn, runs::by_id(conn, id))
    }

    fn run_of_cause(&self, company: CompanyId, workflow: WorkflowId, cause: &Cause) -> Read<'_, Option<Run>> {
        let cause = cause.canonical();
        read!(self, conn, runs::of_cause(conn, company, workflow, &cause))
    }

    fn runs(&self, company: CompanyId, filter: RunFilter, page: Page<RunId>) -> Read<'_, PageOf<Run>> {
        read!(self, conn, runs::page(conn, company, &filter, page))
    }

    fn open_runs(&self) -> Read<'_, Vec<Run>> {
        read!(self, conn, runs::open(conn))
    }

    fn runs_of_receipt(&self, receipt: ReceiptId) -> Read<'_, Vec<Run>> {
        read!(self, conn, runs::of_receipt(conn, receipt))
    }

    fn journal(&self, run: RunId) -> Read<'_, Vec<JournalRow>> {
        read!(self, conn, journal::rows(conn, run))
    }

    fn inputs(&self, run: RunId) -> Read<'_, Vec<Input>> {
        read!(self, conn, journal::inputs(conn, run))
    }

    fn timers(&self, run: RunId) -> Read<'_, Vec<Timer>> {
        read!(self, conn, journal::timers(conn, run))
    }

    fn timers_due(&self, by: Timestamp, limit: u32) -> Read<'_, Vec<Timer>> {
        read!(self, conn, journal::timers_due(conn, by, limit))
    }

    fn next_timer(&self) -> Read<'_, Option<Timestamp>> {
        read!(self, conn, journal::next_timer(conn))
    }

    fn waits(&self, run: RunId) -> Read<'_, Vec<Wait>> {
        read!(self, conn, journal::waits(conn, run))
    }

    fn intent(&self, key: &IdempotencyKey) -> Read<'_, Option<Intent>> {
        let key = key.clone();
        read!(self, conn, intents::by_key(conn, &key))
    }

    fn intent_of_call(&self, company: CompanyId, call: CallId) -> Read<'_, Option<Intent>> {
        read!(self, conn, intents::of_call(conn, company, call))
    }

    fn intents_of_run(&self, run: RunId) -> Read<'_, Vec<Intent>> {
        read!(self, conn, intents::of_run(conn, run))
    }

    fn open_intents(&self) -> Read<'_, Vec<Intent>> {
        read!(self, conn, intents::open(conn))
    }

    fn unsettled_intents(&self, company: CompanyId) -> Read<'_, u64> {
        read!(self, conn, intents::unsettled(conn, company))
    }

    fn request_key(&self, company: CompanyId, target: &str, key: &str) -> Read<'_, Option<RequestKey>> {
        let target = target.to_owned();
        let key = key.to_owned();
        read!(self, conn, tenants::request_key(conn, company, &target, &key))
    }

    fn counts(&self, mode: Option<Mode>) -> Read<'_, Vec<(&'static str, u64)>> {
        read!(self, conn, counts(conn, mode))
    }
}

/// How much there is. Receipts and runs are counted over an index.
async fn counts(
    conn: &mut SqliteConnection,
    mode: Option<Mode>,
) -> Result<Vec<(&'static str, u64)>, ReadError> {
    let receipts = match mode {
        Some(mode) => query("SELECT count(*) FROM receipts WHERE mode = $1").bind(mode.as_str()),
        None => query("SELECT count(*) FROM receipts"),
    };
    let mut counts = Vec::new();
    for (name, statement) in [
        ("receipts", receipts),
        ("runs", query("SELECT count(*) FROM runs")),
        ("open_intents", query("SELECT count(*) FROM intents WHERE state = 'open'")),
        ("bytes", query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")),
    ] {
        let row = statement.fetch_one(&mut *conn).await.map_err(unreadable)?;
        let n: i64 = row.try_get(0).map_err(unreadable)?;
        counts.push((name, u64::try_from(n).unwrap_or(0)));
    }
    Ok(counts)
}
