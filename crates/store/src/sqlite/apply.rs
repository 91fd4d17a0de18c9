//! One write inside a transaction. Fencing is done before: see [`crate::fence`].

use sqlx::{Row, SqliteConnection, query};

use super::{
    audit, connections, dispatch, intents, journal, purge, receipts, runs, stop::Stop, tenants, unclaimed,
    workflows,
};
use crate::unit::{Effected, Epoch, Write};

/// Does a write and says what it did.
pub(super) async fn apply(conn: &mut SqliteConnection, write: &Write) -> Result<Effected, Stop> {
    match write {
        Write::Receive(receipt) => {
            let mut effects = receipts::receive(conn, &[receipt]).await?;
            Ok(effects.pop().unwrap_or(Effected::Done))
        }
        Write::Dispatch { receipt, runs, epoch: _ } => dispatch::dispatch(conn, *receipt, runs).await,
        Write::RetryDispatch { receipt, next_try_at, tries, error, epoch: _ } => {
            dispatch::retry_dispatch(conn, *receipt, *next_try_at, *tries, error).await
        }
        Write::Replay { receipt } => receipts::replay(conn, *receipt).await,
        Write::StartRun(run) => runs::start(conn, run).await,
        Write::BeginIntent(intent) => intents::begin(conn, intent).await,
        Write::SettleIntent { key, outcome, stripe_request_id, at } => {
            intents::settle(conn, key, outcome, stripe_request_id.as_deref(), *at).await
        }
        Write::ParkIntent { key, known } => intents::park(conn, key, known).await,
        Write::TakeDriver => take_driver(conn).await,
        Write::RememberKey(key) => tenants::remember_key(conn, key).await,
        Write::SaveWorkflow { workflow, version } => workflows::save(conn, workflow, version.as_ref()).await,
        Write::SetWorkflow { workflow, status, activated_at, version, at } => {
            workflows::set(conn, *workflow, *status, *activated_at, *version, *at).await
        }
        run @ (Write::Journal { .. }
        | Write::SetRun { .. }
        | Write::Reopen { .. }
        | Write::SetTimer { .. }
        | Write::ClearTimer { .. }
        | Write::BeginWait { .. }
        | Write::EndWait { .. }
        | Write::Tell { .. }
        | Write::Cancel { .. }
        | Write::ConsumeInput { .. }) => of_run(conn, run).await,
        settings => of_company(conn, settings).await,
    }
}

/// Writes about a run in progress.
async fn of_run(conn: &mut SqliteConnection, write: &Write) -> Result<Effected, Stop> {
    match write {
        Write::Journal { run, seq, row, .. } => journal::append(conn, *run, *seq, row).await,
        Write::SetRun { run, status, result, ended_at, .. } => {
            runs::set(conn, *run, *status, result.as_ref(), *ended_at).await
        }
        Write::Reopen { run, .. } => runs::reopen(conn, *run).await,
        Write::SetTimer { run, path, at, .. } => journal::set_timer(conn, *run, path, *at).await,
        Write::ClearTimer { run, path, .. } => {
            journal::clear(conn, "DELETE FROM timers WHERE run = $1 AND path = $2", *run, path).await
        }
        Write::BeginWait { run, path, on, since, .. } => {
            dispatch::begin_wait(conn, *run, path, on, *since).await
        }
        Write::EndWait { run, path, .. } => {
            journal::clear(conn, "DELETE FROM waits WHERE run = $1 AND path = $2", *run, path).await
        }
        Write::Tell { run, kind } => journal::tell(conn, *run, kind).await,
        Write::Cancel { run } => journal::cancel(conn, *run).await,
        Write::ConsumeInput { run, n, .. } => journal::consume(conn, *run, *n).await,
        _ => Ok(Effected::Done),
    }
}

/// Writes about what a company owns.
async fn of_company(conn: &mut SqliteConnection, write: &Write) -> Result<Effected, Stop> {
    match write {
        Write::PutCompany(company) => tenants::put_company(conn, company).await,
        Write::Purge { company, part, limit } => purge::some(conn, *company, *part, *limit).await,
        Write::Audit(entry) => audit::add(conn, entry).await,
        Write::UseApiKey(id, at) => tenants::use_api_key(conn, *id, *at).await,
        Write::PutApiKey(key) => tenants::put_api_key(conn, key).await,
        Write::RemoveApiKey(id) => tenants::remove_api_key(conn, *id).await,
        Write::PutDataKey(key) => tenants::put_data_key(conn, key).await,
        Write::RewrapDataKeys { from, keys } => tenants::rewrap(conn, from, keys).await,
        Write::PutConnection(connection) => connections::put(conn, connection).await,
        Write::UseConnection(of, id, at) => connections::used(conn, *of, *id, *at).await,
        Write::RemoveConnection(of, id) => connections::remove(conn, *of, *id).await,
        Write::PutAuthorization(row) => connections::put_authorization(conn, row).await,
        Write::TakeAuthorization(state) => connections::take_authorization(conn, *state).await,
        Write::ForgetAuthorizations(before) => connections::forget_authorizations(conn, *before).await,
        Write::PutSource(source) => tenants::put_source(conn, source).await,
        Write::RemoveSource(of, id) => tenants::remove_source(conn, *of, *id).await,
        Write::KeepUnclaimed { event, of_account, of_all } => {
            unclaimed::keep(conn, event, *of_account, *of_all).await
        }
        Write::TakeUnclaimed(id) => unclaimed::take(conn, *id).await,
        Write::ForgetUnclaimed(before) => unclaimed::forget(conn, *before).await,
        Write::PutSecret(secret) => tenants::put_secret(conn, secret).await,
        _ => Ok(Effected::Done),
    }
}

/// Raises the epoch.
async fn take_driver(conn: &mut SqliteConnection) -> Result<Effected, Stop> {
    let row =
        query("UPDATE driver SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch").fetch_one(conn).await?;
    let epoch: i64 = row.try_get(0)?;
    Ok(Effected::Driver(Epoch(u64::try_from(epoch).unwrap_or(0))))
}
