//! Intents: the record of every write, made before the request leaves.

use model::{
    Binding, CallId, CompanyId, IdempotencyKey, Mode, Origin, RunId, Sealed, StepPath, Timestamp, micros,
};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, one, readable, unreadable},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    checksum::Checksum,
    rows::{Intent, IntentState},
    unit::{Begun, Effected, Refusal},
};

const SELECT: &str = "SELECT key, call, company, connection, account, mode, origin, run, path, generation, \
     action, request, first_attempt, sum, state, outcome, outcome_sum, stripe_request_id, settled_at FROM intents";

/// Of what never changes: the request and what it is for.
fn sum(i: &Intent, origin: &str) -> [u8; 8] {
    Checksum::of("intents")
        .text(i.key.as_str())
        .text(&i.call.to_string())
        .text(&i.binding.company.to_string())
        .text(&i.binding.connection.to_string())
        .text(i.binding.account.as_str())
        .text(i.binding.mode.as_str())
        .text(origin)
        .text(&i.run.map(|run| run.to_string()).unwrap_or_default())
        .text(i.path.as_str())
        .number(i64::from(i.generation))
        .text(&i.action)
        .part(i.request.as_bytes())
        .number(micros(i.first_attempt))
        .done()
}

/// Of where it stands.
fn outcome_sum(key: &str, state: &str, outcome: Option<&[u8]>) -> [u8; 8] {
    Checksum::of("outcomes").text(key).text(state).part(outcome.unwrap_or_default()).done()
}

fn state(state: &IntentState) -> (&'static str, Option<&[u8]>) {
    match state {
        IntentState::Open => ("open", None),
        IntentState::Parked(known) => ("parked", Some(known.as_bytes())),
        IntentState::Settled(outcome) => ("settled", Some(outcome.as_bytes())),
    }
}

/// Stores an intent unless its key is known.
pub(super) async fn begin(conn: &mut SqliteConnection, i: &Intent) -> Result<Effected, Stop> {
    let origin = serde_json::to_string(&i.origin).unwrap_or_default();
    let sum = sum(i, &origin).to_vec();
    let (state, outcome) = state(&i.state);
    let done = query(
        "INSERT INTO intents (key, call, company, connection, account, mode, origin, run, path, generation, \
         action, request, first_attempt, sum, state, outcome, outcome_sum, stripe_request_id, settled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         ON CONFLICT DO NOTHING",
    )
    .bind(i.key.as_str())
    .bind(i.call.to_string())
    .bind(i.binding.company.to_string())
    .bind(i.binding.connection.to_string())
    .bind(i.binding.account.as_str())
    .bind(i.binding.mode.as_str())
    .bind(origin)
    .bind(i.run.map(|run| run.to_string()))
    .bind(i.path.as_str())
    .bind(i64::from(i.generation))
    .bind(&i.action)
    .bind(i.request.as_bytes())
    .bind(micros(i.first_attempt))
    .bind(sum)
    .bind(state)
    .bind(outcome)
    .bind(outcome_sum(i.key.as_str(), state, outcome).to_vec())
    .bind(i.stripe_request_id.as_deref())
    .bind(i.settled_at.map(micros))
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Effected::Begun(Begun::Fresh));
    }
    let known = by_key(conn, &i.key).await?.ok_or(Stop::Refused(Refusal::Conflict))?;
    Ok(Effected::Begun(Begun::Known(Box::new(known))))
}

/// Settles an intent that has no outcome yet.
pub(super) async fn settle(
    conn: &mut SqliteConnection,
    key: &IdempotencyKey,
    outcome: &Sealed,
    stripe_request_id: Option<&str>,
    at: Timestamp,
) -> Result<Effected, Stop> {
    let sum = outcome_sum(key.as_str(), "settled", Some(outcome.as_bytes()));
    let done = query(
        "UPDATE intents SET state = 'settled', outcome = $2, outcome_sum = $3, stripe_request_id = $4, \
         settled_at = $5 WHERE key = $1 AND state <> 'settled'",
    )
    .bind(key.as_str())
    .bind(outcome.as_bytes())
    .bind(sum.to_vec())
    .bind(stripe_request_id)
    .bind(micros(at))
    .execute(&mut *conn)
    .await?;
    changed(conn, key, done.rows_affected()).await
}

/// Parks an intent that has no outcome yet; one that is parked gets the newer knowledge.
pub(super) async fn park(
    conn: &mut SqliteConnection,
    key: &IdempotencyKey,
    known: &Sealed,
) -> Result<Effected, Stop> {
    let sum = outcome_sum(key.as_str(), "parked", Some(known.as_bytes()));
    let done = query(
        "UPDATE intents SET state = 'parked', outcome = $2, outcome_sum = $3 WHERE key = $1 AND state <> 'settled'",
    )
    .bind(key.as_str())
    .bind(known.as_bytes())
    .bind(sum.to_vec())
    .execute(&mut *conn)
    .await?;
    changed(conn, key, done.rows_affected()).await
}

/// Says why an update with a guard changed no row.
async fn changed(conn: &mut SqliteConnection, key: &IdempotencyKey, rows: u64) -> Result<Effected, Stop> {
    if rows == 1 {
        return Ok(Effected::Done);
    }
    let known = query("SELECT 1 FROM intents WHERE key = $1").bind(key.as_str()).fetch_optional(conn).await?;
    Err(Stop::Refused(if known.is_some() { Refusal::AlreadySettled } else { Refusal::Missing }))
}

fn intent_row(row: &SqliteRow) -> Result<Intent, ReadError> {
    let mut c = Columns::of("intents", row);
    let key = IdempotencyKey::from_text(c.get::<String>()?);
    let call = c.parse()?;
    let binding = Binding {
        company: c.parse()?,
        connection: c.parse()?,
        account: model::AccountId::new(c.get::<String>()?),
        mode: c.with(Mode::parse)?,
    };
    let origin_text: &str = c.get()?;
    let origin: Origin = serde_json::from_str(origin_text).map_err(|_| c.damaged())?;
    let mut intent = Intent {
        key,
        call,
        origin,
        run: c.parse_opt()?,
        path: c.with(|text| StepPath::parse(text).ok())?,
        generation: c.number()?,
        binding,
        action: c.get()?,
        request: c.sealed()?,
        first_attempt: c.time()?,
        state: IntentState::Open,
        stripe_request_id: None,
        settled_at: None,
    };
    c.verify(sum(&intent, origin_text))?;
    let (state, outcome) = (c.get::<&str>()?, c.sealed_opt()?);
    c.verify(outcome_sum(intent.key.as_str(), state, outcome.as_ref().map(Sealed::as_bytes)))?;
    intent.state = match (state, outcome) {
        ("open", None) => IntentState::Open,
        ("parked", Some(known)) => IntentState::Parked(known),
        ("settled", Some(outcome)) => IntentState::Settled(outcome),
        _ => return Err(c.damaged()),
    };
    intent.stripe_request_id = c.get()?;
    intent.settled_at = c.time_opt()?;
    Ok(intent)
}

pub(super) async fn by_key(
    conn: &mut SqliteConnection,
    key: &IdempotencyKey,
) -> Result<Option<Intent>, ReadError> {
    let sql = format!("{SELECT} WHERE key = $1");
    one(conn, query(AssertSqlSafe(sql)).bind(key.as_str()), intent_row).await
}

/// The intent of a call; of several generations the last one.
pub(super) async fn of_call(
    conn: &mut SqliteConnection,
    of: CompanyId,
    call: CallId,
) -> Result<Option<Intent>, ReadError> {
    let sql = format!("{SELECT} WHERE company = $1 AND call = $2 ORDER BY generation DESC, key LIMIT 1");
    one(conn, query(AssertSqlSafe(sql)).bind(of.to_string()).bind(call.to_string()), intent_row).await
}

pub(super) async fn of_run(conn: &mut SqliteConnection, run: RunId) -> Result<Vec<Intent>, ReadError> {
    let sql = format!("{SELECT} WHERE run = $1 ORDER BY first_attempt, rowid");
    all(conn, query(AssertSqlSafe(sql)).bind(run.to_string()), intent_row).await
}

pub(super) async fn open(conn: &mut SqliteConnection) -> Result<Vec<Intent>, ReadError> {
    let sql = format!("{SELECT} WHERE state = 'open' ORDER BY first_attempt, rowid");
    readable(conn, query(AssertSqlSafe(sql)), intent_row).await
}

pub(super) async fn unsettled(conn: &mut SqliteConnection, of: CompanyId) -> Result<u64, ReadError> {
    let counted = query("SELECT count(*) FROM intents WHERE company = $1 AND state <> 'settled'");
    let row = counted.bind(of.to_string()).fetch_one(conn).await.map_err(unreadable)?;
    let n: i64 = row.try_get(0).map_err(unreadable)?;
    Ok(u64::try_from(n).unwrap_or(0))
}
