//! Runs, and what an ending run leaves behind.

use model::{
    Binding, Cause, CompanyId, Mode, ReceiptId, RunId, RunStatus, Sealed, Timestamp, WorkflowId, WorkflowKey,
    micros,
};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, one, readable},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    rows::{Page, PageOf, Run, RunFilter, RunInput},
    unit::{Effected, Refusal},
};

const SELECT: &str = "SELECT id, company, workflow, key, version, core, cause, connection, account, mode, \
     receipt, given, status, created_at, ended_at, result FROM runs";

/// Makes a run; returns the one that has its cause already, if there is one.
pub(super) async fn insert(conn: &mut SqliteConnection, r: &Run) -> Result<Option<RunId>, Stop> {
    let (receipt, given) = match &r.input {
        RunInput::Receipt(id) => (Some(id.to_string()), None),
        RunInput::Given(input) => (None, Some(input.as_bytes())),
    };
    let cause = r.cause.canonical();
    let done = query(
        "INSERT INTO runs (id, company, workflow, key, version, core, cause, cause_text, connection, account, \
         mode, receipt, given, status, created_at, ended_at, result) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (company, workflow, cause_text) DO NOTHING",
    )
    .bind(r.id.to_string())
    .bind(r.company.to_string())
    .bind(r.workflow.to_string())
    .bind(r.key.as_str())
    .bind(i64::from(r.version))
    .bind(i64::from(r.core))
    .bind(serde_json::to_string(&r.cause).unwrap_or_default())
    .bind(&cause)
    .bind(r.binding.connection.to_string())
    .bind(r.binding.account.as_str())
    .bind(r.binding.mode.as_str())
    .bind(receipt)
    .bind(given)
    .bind(r.status.as_str())
    .bind(micros(r.created_at))
    .bind(r.ended_at.map(micros))
    .bind(r.result.as_ref().map(Sealed::as_bytes))
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(None);
    }
    let sql = "SELECT id FROM runs WHERE company = $1 AND workflow = $2 AND cause_text = $3";
    let statement = query(sql).bind(r.company.to_string()).bind(r.workflow.to_string()).bind(&cause);
    let row = statement.fetch_one(conn).await?;
    Ok(Some(Columns::of("runs", &row).parse()?))
}

/// Makes a run unless its cause is known.
pub(super) async fn start(conn: &mut SqliteConnection, run: &Run) -> Result<Effected, Stop> {
    let before = insert(conn, run).await?;
    Ok(Effected::Started { run: before.unwrap_or(run.id), existed: before.is_some() })
}

/// Whether a run has not ended; refuses when there is none.
pub(super) async fn is_open(conn: &mut SqliteConnection, id: RunId) -> Result<bool, Stop> {
    let row =
        query("SELECT status FROM runs WHERE id = $1").bind(id.to_string()).fetch_optional(conn).await?;
    let row = row.ok_or(Stop::Refused(Refusal::Missing))?;
    Ok(!Columns::of("runs", &row).parse::<RunStatus>()?.is_final())
}

/// Sets where a run stands; a final status clears what it waited for.
pub(super) async fn set(
    conn: &mut SqliteConnection,
    id: RunId,
    status: RunStatus,
    result: Option<&Sealed>,
    ended_at: Option<Timestamp>,
) -> Result<Effected, Stop> {
    let row =
        query("UPDATE runs SET status = $2, result = $3, ended_at = $4 WHERE id = $1 RETURNING receipt")
            .bind(id.to_string())
            .bind(status.as_str())
            .bind(result.map(Sealed::as_bytes))
            .bind(ended_at.map(micros))
            .fetch_optional(&mut *conn)
            .await?;
    let row = row.ok_or(Stop::Refused(Refusal::Missing))?;
    if status.is_final() {
        for sql in [
            "DELETE FROM timers WHERE run = $1",
            "DELETE FROM waits WHERE run = $1",
            "DELETE FROM inputs WHERE run = $1",
        ] {
            query(sql).bind(id.to_string()).execute(&mut *conn).await?;
        }
        if let Some(receipt) = row.try_get::<Option<String>, _>(0)? {
            finish_receipt(conn, receipt).await?;
        }
    }
    Ok(Effected::Done)
}

/// Lets an ended run go on.
pub(super) async fn reopen(conn: &mut SqliteConnection, id: RunId) -> Result<Effected, Stop> {
    if is_open(conn, id).await? {
        return Err(Stop::Refused(Refusal::Conflict));
    }
    set(conn, id, RunStatus::Running, None, None).await?;
    query(
        "UPDATE receipts SET status = 'dispatched' WHERE status = 'done' \
         AND id = (SELECT receipt FROM runs WHERE id = $1)",
    )
    .bind(id.to_string())
    .execute(conn)
    .await?;
    Ok(Effected::Done)
}

/// Marks a dispatched receipt `done` once every run of it has ended.
async fn finish_receipt(conn: &mut SqliteConnection, receipt: String) -> Result<(), Stop> {
    query(
        "UPDATE receipts SET status = 'done' WHERE id = ?1 AND status = 'dispatched' AND NOT EXISTS (\
         SELECT 1 FROM runs WHERE receipt = ?1 \
         AND status NOT IN ('completed', 'failed', 'canceled', 'timed_out'))",
    )
    .bind(receipt)
    .execute(conn)
    .await?;
    Ok(())
}

fn run_row(row: &SqliteRow) -> Result<Run, ReadError> {
    let mut c = Columns::of("runs", row);
    let (id, company) = (c.parse()?, c.parse::<CompanyId>()?);
    let (workflow, key) = (c.parse()?, c.with(|text| WorkflowKey::parse(text).ok())?);
    let (version, core, cause) = (c.number()?, c.number()?, c.json::<Cause>()?);
    let binding = Binding {
        company,
        connection: c.parse()?,
        account: model::AccountId::new(c.get::<String>()?),
        mode: c.with(Mode::parse)?,
    };
    let input = match (c.parse_opt::<ReceiptId>()?, c.sealed_opt()?) {
        (Some(receipt), None) => RunInput::Receipt(receipt),
        (None, Some(given)) => RunInput::Given(given),
        _ => return Err(c.damaged()),
    };
    Ok(Run {
        id,
        company,
        workflow,
        key,
        version,
        core,
        cause,
        binding,
        input,
        status: c.parse()?,
        created_at: c.time()?,
        ended_at: c.time_opt()?,
        result: c.sealed_opt()?,
    })
}

pub(super) async fn by_id(conn: &mut SqliteConnection, id: RunId) -> Result<Option<Run>, ReadError> {
    let sql = format!("{SELECT} WHERE id = $1");
    one(conn, query(AssertSqlSafe(sql)).bind(id.to_string()), run_row).await
}

/// The run that a cause, in its canonical text, started.
pub(super) async fn of_cause(
    conn: &mut SqliteConnection,
    company: CompanyId,
    workflow: WorkflowId,
    cause: &str,
) -> Result<Option<Run>, ReadError> {
    let sql = format!("{SELECT} WHERE company = $1 AND workflow = $2 AND cause_text = $3");
    let statement =
        query(AssertSqlSafe(sql)).bind(company.to_string()).bind(workflow.to_string()).bind(cause);
    one(conn, statement, run_row).await
}

/// A page, newest first. The text depends on the filter so that an index serves each.
pub(super) async fn page(
    conn: &mut SqliteConnection,
    of: CompanyId,
    filter: &RunFilter,
    page: Page<RunId>,
) -> Result<PageOf<Run>, ReadError> {
    let mut sql = format!("{SELECT} WHERE company = ?1 AND id < ?2");
    if filter.workflow.is_some() {
        sql.push_str(" AND workflow = ?3");
    }
    if filter.status.is_some() {
        sql.push_str(" AND status = ?4");
    }
    sql.push_str(" ORDER BY id DESC LIMIT ?5");
    let limit = page.limit.clamp(1, 100) as usize;
    // `~` sorts after every id.
    let statement = query(AssertSqlSafe(sql))
        .bind(of.to_string())
        .bind(page.after.map_or_else(|| "~".to_owned(), |id| id.to_string()))
        .bind(filter.workflow.map(|id| id.to_string()))
        .bind(filter.status.map(RunStatus::as_str))
        .bind(limit as i64 + 1);
    Ok(super::cut(all(conn, statement, run_row).await?, limit))
}

pub(super) async fn open(conn: &mut SqliteConnection) -> Result<Vec<Run>, ReadError> {
    let sql =
        format!("{SELECT} WHERE status NOT IN ('completed', 'failed', 'canceled', 'timed_out') ORDER BY id");
    readable(conn, query(AssertSqlSafe(sql)), run_row).await
}

pub(super) async fn of_receipt(
    conn: &mut SqliteConnection,
    receipt: ReceiptId,
) -> Result<Vec<Run>, ReadError> {
    let sql = format!("{SELECT} WHERE receipt = $1 ORDER BY id");
    all(conn, query(AssertSqlSafe(sql)).bind(receipt.to_string()), run_row).await
}
