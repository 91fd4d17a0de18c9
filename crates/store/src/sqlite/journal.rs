//! What a run in progress keeps: its journal, timers, waits and inputs.

use model::{Mode, RunId, Sealed, StepPath, Timestamp, micros};
use sqlx::{Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, unreadable},
    runs,
    stop::Stop,
};
use crate::{
    backend::ReadError,
    checksum::Checksum,
    rows::{Input, InputKind, JournalRow, Timer, Wait, WaitKey},
    unit::{Effected, Refusal},
};

fn sum(run: &str, seq: i64, row: &[u8]) -> [u8; 8] {
    Checksum::of("journal").text(run).number(seq).part(row).done()
}

/// Appends a row; its place must be free and its run known.
pub(super) async fn append(
    conn: &mut SqliteConnection,
    run: RunId,
    seq: u64,
    row: &Sealed,
) -> Result<Effected, Stop> {
    let (id, seq) = (run.to_string(), i64::try_from(seq).unwrap_or(i64::MAX));
    let sum = sum(&id, seq, row.as_bytes()).to_vec();
    let done = query(
        "INSERT INTO journal (run, seq, row, sum) SELECT ?1, ?2, ?3, ?4 FROM runs WHERE id = ?1 \
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(seq)
    .bind(row.as_bytes())
    .bind(sum)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Effected::Done);
    }
    runs::is_open(conn, run).await?;
    Err(Stop::Refused(Refusal::Conflict))
}

pub(super) async fn rows(conn: &mut SqliteConnection, run: RunId) -> Result<Vec<JournalRow>, ReadError> {
    let sql = "SELECT run, seq, row, sum FROM journal WHERE run = $1 ORDER BY seq";
    all(conn, query(sql).bind(run.to_string()), |row| {
        let mut c = Columns::of("journal", row);
        let (run, seq, sealed) = (c.get::<&str>()?, c.get::<i64>()?, c.sealed()?);
        c.verify(sum(run, seq, sealed.as_bytes()))?;
        Ok(JournalRow { seq: u64::try_from(seq).map_err(|_| c.damaged())?, row: sealed })
    })
    .await
}

/// Sets or moves a timer; a run that has ended gets none.
pub(super) async fn set_timer(
    conn: &mut SqliteConnection,
    run: RunId,
    path: &StepPath,
    at: Timestamp,
) -> Result<Effected, Stop> {
    if runs::is_open(conn, run).await? {
        query(
            "INSERT INTO timers (run, path, at) VALUES ($1, $2, $3) \
             ON CONFLICT (run, path) DO UPDATE SET at = excluded.at",
        )
        .bind(run.to_string())
        .bind(path.as_str())
        .bind(micros(at))
        .execute(conn)
        .await?;
    }
    Ok(Effected::Done)
}

/// Removes a timer or a wait.
pub(super) async fn clear(
    conn: &mut SqliteConnection,
    sql: &'static str,
    run: RunId,
    path: &StepPath,
) -> Result<Effected, Stop> {
    query(sql).bind(run.to_string()).bind(path.as_str()).execute(conn).await?;
    Ok(Effected::Done)
}

/// Tells an open run something; one that has ended is told nothing.
pub(super) async fn tell(
    conn: &mut SqliteConnection,
    run: RunId,
    kind: &InputKind,
) -> Result<Effected, Stop> {
    if runs::is_open(conn, run).await? {
        super::dispatch::tell(conn, run, kind).await?;
    }
    Ok(Effected::Done)
}

/// Tells a run to stop, once.
pub(super) async fn cancel(conn: &mut SqliteConnection, run: RunId) -> Result<Effected, Stop> {
    let asked =
        runs::is_open(conn, run).await? && super::dispatch::tell(conn, run, &InputKind::Cancel).await?;
    if asked { Ok(Effected::Done) } else { Err(Stop::Refused(Refusal::Conflict)) }
}

pub(super) async fn consume(conn: &mut SqliteConnection, run: RunId, n: u64) -> Result<Effected, Stop> {
    query("UPDATE inputs SET consumed = TRUE WHERE run = $1 AND n = $2")
        .bind(run.to_string())
        .bind(i64::try_from(n).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    Ok(Effected::Done)
}

pub(super) async fn inputs(conn: &mut SqliteConnection, run: RunId) -> Result<Vec<Input>, ReadError> {
    let sql = "SELECT run, n, path, receipt FROM inputs WHERE run = $1 AND NOT consumed ORDER BY n";
    all(conn, query(sql).bind(run.to_string()), |row| {
        let mut c = Columns::of("inputs", row);
        let (run, n, path) = (c.parse()?, c.number()?, c.get::<&str>()?);
        let kind = if path.is_empty() {
            InputKind::Cancel
        } else {
            let path = StepPath::parse(path).map_err(|_| c.damaged())?;
            InputKind::Event { path, receipt: c.parse()? }
        };
        Ok(Input { run, n, kind })
    })
    .await
}

fn timer_row(row: &SqliteRow) -> Result<Timer, ReadError> {
    let mut c = Columns::of("timers", row);
    Ok(Timer { run: c.parse()?, path: c.with(|text| StepPath::parse(text).ok())?, at: c.time()? })
}

pub(super) async fn timers(conn: &mut SqliteConnection, run: RunId) -> Result<Vec<Timer>, ReadError> {
    let sql = "SELECT run, path, at FROM timers WHERE run = $1 ORDER BY path";
    all(conn, query(sql).bind(run.to_string()), timer_row).await
}

pub(super) async fn timers_due(
    conn: &mut SqliteConnection,
    by: Timestamp,
    limit: u32,
) -> Result<Vec<Timer>, ReadError> {
    let sql = "SELECT run, path, at FROM timers WHERE at <= $1 ORDER BY at, run, path LIMIT $2";
    all(conn, query(sql).bind(micros(by)).bind(i64::from(limit)), timer_row).await
}

pub(super) async fn next_timer(conn: &mut SqliteConnection) -> Result<Option<Timestamp>, ReadError> {
    let row = query("SELECT min(at) FROM timers").fetch_one(conn).await.map_err(unreadable)?;
    let at: Option<i64> = row.try_get(0).map_err(unreadable)?;
    Ok(at.map(model::from_micros))
}

pub(super) async fn waits(conn: &mut SqliteConnection, run: RunId) -> Result<Vec<Wait>, ReadError> {
    let sql =
        "SELECT run, path, company, account, mode, kinds, object FROM waits WHERE run = $1 ORDER BY path";
    all(conn, query(sql).bind(run.to_string()), |row| {
        let mut c = Columns::of("waits", row);
        Ok(Wait {
            run: c.parse()?,
            path: c.with(|text| StepPath::parse(text).ok())?,
            on: WaitKey {
                company: c.parse()?,
                account: model::AccountId::new(c.get::<String>()?),
                mode: c.with(Mode::parse)?,
                kinds: c.json()?,
                object: c.get()?,
            },
        })
    })
    .await
}
