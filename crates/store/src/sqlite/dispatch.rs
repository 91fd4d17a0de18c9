//! Dispatch and event waits: the two sides of "no event is missed or doubled".
//!
//! Both happen inside the one writer's transactions, so one is always before the
//! other. A wait that opens first is told by the dispatch, a failed one included;
//! one that opens later finds the receipt when it looks back, whatever has become of
//! it. A run is never told the event that started it.

use std::collections::HashSet;

use model::{ReceiptId, ReceiptStatus, RunId, StepPath, Timestamp, micros};
use sqlx::{SqliteConnection, query};

use super::{columns::Columns, receipts, runs, stop::Stop};
use crate::{
    rows::{InputKind, Run, WaitKey},
    unit::{Effected, Refusal},
};

/// Marks those of the receipts that start no run and that no wait is about, in one
/// statement; says which. Most events are such ones.
pub(super) async fn ignore(
    conn: &mut SqliteConnection,
    receipts: &[ReceiptId],
) -> Result<HashSet<ReceiptId>, Stop> {
    let ids: Vec<String> = receipts.iter().map(ToString::to_string).collect();
    let statement = query(
        "UPDATE receipts SET status = 'ignored', next_try_at = NULL, error = NULL \
         WHERE id IN (SELECT value FROM json_each($1)) AND status IN ('received', 'failed') \
         AND NOT EXISTS (SELECT 1 FROM waits AS w WHERE w.company = receipts.company \
         AND w.account = receipts.account AND w.mode = receipts.mode \
         AND w.object IN (SELECT value FROM json_each(receipts.objects))) RETURNING id",
    )
    .bind(serde_json::json!(ids).to_string());
    let mut ignored = HashSet::new();
    for row in statement.fetch_all(conn).await? {
        ignored.insert(Columns::of("receipts", &row).parse()?);
    }
    Ok(ignored)
}

/// Makes the runs, tells the waits and marks the receipt.
pub(super) async fn dispatch(
    conn: &mut SqliteConnection,
    id: ReceiptId,
    new: &[Run],
) -> Result<Effected, Stop> {
    let waits = matching_waits(conn, id).await?;
    let mut started = Vec::new();
    for run in new {
        if runs::insert(conn, run).await?.is_none() {
            started.push(run.id);
        }
    }
    let wanted = !new.is_empty() || !waits.is_empty();
    let told = tell_all(conn, waits, id).await?;
    let status = if wanted { ReceiptStatus::Dispatched } else { ReceiptStatus::Ignored };
    query("UPDATE receipts SET status = $2, next_try_at = NULL, error = NULL WHERE id = $1")
        .bind(id.to_string())
        .bind(status.as_str())
        .execute(conn)
        .await?;
    Ok(Effected::Dispatched { started, told })
}

/// Notes a failed start. The waits are told all the same: what keeps one workflow
/// from being started is no reason to let other runs wait.
pub(super) async fn retry_dispatch(
    conn: &mut SqliteConnection,
    id: ReceiptId,
    next_try_at: Option<Timestamp>,
    tries: u32,
    error: &str,
) -> Result<Effected, Stop> {
    let intact = receipts::is_intact(conn, id).await?;
    let waits = if intact { matching_waits(conn, id).await? } else { Vec::new() };
    let told = tell_all(conn, waits, id).await?;
    let done = query(
        "UPDATE receipts SET status = $2, next_try_at = $3, tries = $4, error = $5 \
         WHERE id = $1 AND status IN ('received', 'failed')",
    )
    .bind(id.to_string())
    .bind(if next_try_at.is_some() { "failed" } else { "dead" })
    .bind(next_try_at.map(micros))
    .bind(i64::from(tries))
    .bind(error)
    .execute(&mut *conn)
    .await?;
    receipts::changed(conn, id, done.rows_affected()).await?;
    Ok(Effected::Dispatched { started: Vec::new(), told })
}

/// Tells waits of an event, and says which runs had not been told before.
async fn tell_all(
    conn: &mut SqliteConnection,
    waits: Vec<(RunId, StepPath)>,
    receipt: ReceiptId,
) -> Result<Vec<RunId>, Stop> {
    let mut told = Vec::new();
    for (run, path) in waits {
        let fresh = tell(conn, run, &InputKind::Event { path, receipt }).await?;
        if fresh && told.last() != Some(&run) {
            told.push(run);
        }
    }
    Ok(told)
}

/// The open waits that this receipt's event matches, by run and path, but for runs
/// that it started itself; refuses unless the receipt is to be dispatched.
async fn matching_waits(conn: &mut SqliteConnection, id: ReceiptId) -> Result<Vec<(RunId, StepPath)>, Stop> {
    let sql = "SELECT id, company, account, mode, objects, kind, status FROM receipts WHERE id = $1";
    let row = query(sql).bind(id.to_string()).fetch_optional(&mut *conn).await?;
    let row = row.ok_or(Stop::Refused(Refusal::Missing))?;
    let mut c = Columns::of("receipts", &row);
    c.get::<&str>()?;
    let statement = query(
        "SELECT run, path, kinds FROM waits WHERE company = $1 AND account = $2 AND mode = $3 \
         AND object IN (SELECT value FROM json_each($4)) \
         AND NOT EXISTS (SELECT 1 FROM runs WHERE id = run AND receipt = $5) ORDER BY run, path",
    )
    .bind(c.get::<String>()?)
    .bind(c.get::<String>()?)
    .bind(c.get::<String>()?)
    .bind(c.get::<String>()?)
    .bind(id.to_string());
    let kind: String = c.get()?;
    if !matches!(c.parse()?, ReceiptStatus::Received | ReceiptStatus::Failed) {
        return Err(Stop::Refused(Refusal::NotReceived));
    }
    let mut found = Vec::new();
    for row in statement.fetch_all(conn).await? {
        let mut c = Columns::of("waits", &row);
        let at = (c.parse()?, c.with(|text| StepPath::parse(text).ok())?);
        if c.json::<Vec<String>>()?.contains(&kind) {
            found.push(at);
        }
    }
    Ok(found)
}

/// Adds an input unless the run was told the same before; says whether it did.
pub(super) async fn tell(conn: &mut SqliteConnection, run: RunId, kind: &InputKind) -> Result<bool, Stop> {
    let (path, receipt) = match kind {
        InputKind::Event { path, receipt } => (path.as_str(), receipt.to_string()),
        InputKind::Cancel => ("", String::new()),
    };
    let done = query(
        "INSERT INTO inputs (run, n, path, receipt, consumed) \
         SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, FALSE FROM inputs WHERE run = ?1 ON CONFLICT DO NOTHING",
    )
    .bind(run.to_string())
    .bind(path)
    .bind(receipt)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Opens a wait and looks back. A run that has ended waits for nothing.
pub(super) async fn begin_wait(
    conn: &mut SqliteConnection,
    run: RunId,
    path: &StepPath,
    on: &WaitKey,
    since: Timestamp,
) -> Result<Effected, Stop> {
    if !runs::is_open(conn, run).await? {
        return Ok(Effected::Waiting { found: 0 });
    }
    query(
        "INSERT INTO waits (run, path, company, account, mode, object, kinds) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (run, path) DO UPDATE SET company = excluded.company, account = excluded.account, \
         mode = excluded.mode, object = excluded.object, kinds = excluded.kinds",
    )
    .bind(run.to_string())
    .bind(path.as_str())
    .bind(on.company.to_string())
    .bind(on.account.as_str())
    .bind(on.mode.as_str())
    .bind(&on.object)
    .bind(serde_json::json!(on.kinds).to_string())
    .execute(&mut *conn)
    .await?;
    let mut found = 0;
    for receipt in look_back(conn, run, on, since).await? {
        found += usize::from(tell(conn, run, &InputKind::Event { path: path.clone(), receipt }).await?);
    }
    Ok(Effected::Waiting { found })
}

/// Receipts that a wait wants, dispatched, failed or still to be dispatched: a later
/// dispatch tells nothing twice. A dead one may be dead because it is damaged.
async fn look_back(
    conn: &mut SqliteConnection,
    run: RunId,
    on: &WaitKey,
    since: Timestamp,
) -> Result<Vec<ReceiptId>, Stop> {
    let statement = query(
        "SELECT r.id, r.status FROM receipt_objects AS o CROSS JOIN receipts AS r ON r.id = o.receipt \
         WHERE o.object = $1 AND r.company = $2 AND r.account = $3 AND r.mode = $4 AND r.received_at >= $5 \
         AND r.kind IN (SELECT value FROM json_each($6)) \
         AND NOT EXISTS (SELECT 1 FROM runs WHERE id = $7 AND receipt = r.id) ORDER BY r.received_at, r.id",
    )
    .bind(&on.object)
    .bind(on.company.to_string())
    .bind(on.account.as_str())
    .bind(on.mode.as_str())
    .bind(micros(since))
    .bind(serde_json::json!(on.kinds).to_string())
    .bind(run.to_string());
    let mut found = Vec::new();
    for row in statement.fetch_all(&mut *conn).await? {
        let mut c = Columns::of("receipts", &row);
        let (id, status) = (c.parse()?, c.parse::<ReceiptStatus>()?);
        if status != ReceiptStatus::Dead || receipts::is_intact(conn, id).await? {
            found.push(id);
        }
    }
    Ok(found)
}
