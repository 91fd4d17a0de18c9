//! Connections, and the links by which they are authorized.
//!
//! A change names the revision it was made from: of two processes that renew the same
//! credential, one is told that the row has changed.

use model::{AccountId, CompanyId, ConnectionId, Mode, Timestamp, micros};
use sqlx::{
    Sqlite, SqliteConnection, query,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{
    columns::{Columns, all, one, readable},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    rows::{Authorization, Connection, Holder},
    unit::{Effected, Refusal},
};

type Written = Result<Effected, Stop>;

/// The columns that a change sets, in the order of [`bind`], after id, company and revision.
const INSERT: &str = "INSERT INTO connections (id, company, revision, name, account, mode, kind, status, \
     credential, expires_at, base_url, version, scopes, details, error, is_default, created_at, updated_at, \
     authorized_at, used_at) VALUES \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
const UPDATE: &str = "UPDATE connections SET revision = $3, name = $4, account = $5, mode = $6, kind = $7, \
     status = $8, credential = $9, expires_at = $10, base_url = $11, version = $12, scopes = $13, \
     details = $14, error = $15, is_default = $16, created_at = $17, updated_at = $18, authorized_at = $19 \
     WHERE id = $1 AND company = $2 AND revision = $3 - 1";

pub(super) async fn put(conn: &mut SqliteConnection, c: &Connection) -> Written {
    if c.revision == 1 {
        bind(INSERT, c).bind(c.used_at.map(micros)).execute(conn).await?;
        return Ok(Effected::Done);
    }
    let done = bind(UPDATE, c).execute(conn).await?;
    if done.rows_affected() == 0 { Err(Stop::Refused(Refusal::Changed)) } else { Ok(Effected::Done) }
}

fn bind<'q>(sql: &'static str, c: &'q Connection) -> Query<'q, Sqlite, SqliteArguments> {
    query(sql)
        .bind(c.id.to_string())
        .bind(c.company.to_string())
        .bind(i64::try_from(c.revision).unwrap_or(i64::MAX))
        .bind(&c.name)
        .bind(c.account.as_ref().map(AccountId::as_str))
        .bind(c.mode.as_str())
        .bind(&c.kind)
        .bind(c.status.as_str())
        .bind(c.credential.as_ref().map(|sealed| sealed.as_bytes()))
        .bind(c.expires_at.map(micros))
        .bind(&c.base_url)
        .bind(c.version.as_deref())
        .bind(serde_json::json!(c.scopes).to_string())
        .bind(&c.details)
        .bind(c.error.as_deref())
        .bind(c.is_default)
        .bind(micros(c.created_at))
        .bind(micros(c.updated_at))
        .bind(c.authorized_at.map(micros))
}

pub(super) async fn used(
    conn: &mut SqliteConnection,
    of: CompanyId,
    id: ConnectionId,
    at: Timestamp,
) -> Written {
    query(
        "UPDATE connections SET used_at = $3 WHERE id = $1 AND company = $2 \
         AND (used_at IS NULL OR used_at < $3)",
    )
    .bind(id.to_string())
    .bind(of.to_string())
    .bind(micros(at))
    .execute(conn)
    .await?;
    Ok(Effected::Done)
}

pub(super) async fn remove(conn: &mut SqliteConnection, of: CompanyId, id: ConnectionId) -> Written {
    for sql in [
        "DELETE FROM connections WHERE company = $1 AND id = $2",
        "DELETE FROM authorizations WHERE company = $1 AND connection = $2",
    ] {
        query(sql).bind(of.to_string()).bind(id.to_string()).execute(&mut *conn).await?;
    }
    Ok(Effected::Done)
}

fn connection_row(row: &SqliteRow) -> Result<Connection, ReadError> {
    let mut c = Columns::of("connections", row);
    Ok(Connection {
        id: c.parse()?,
        company: c.parse()?,
        revision: c.number()?,
        name: c.get()?,
        account: c.get::<Option<String>>()?.map(AccountId::new),
        mode: c.with(Mode::parse)?,
        kind: c.get()?,
        status: c.parse()?,
        credential: c.sealed_opt()?,
        expires_at: c.time_opt()?,
        base_url: c.get()?,
        version: c.get()?,
        scopes: c.json()?,
        details: c.get()?,
        error: c.get()?,
        is_default: c.get()?,
        created_at: c.time()?,
        updated_at: c.time()?,
        authorized_at: c.time_opt()?,
        used_at: c.time_opt()?,
    })
}

/// A statement over the columns of [`connection_row`].
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, company, revision, name, account, mode, kind, status, credential, expires_at, ",
            "base_url, version, scopes, details, error, is_default, created_at, updated_at, authorized_at, used_at ",
            "FROM connections ",
            $tail
        )
    };
}

pub(super) async fn list(conn: &mut SqliteConnection, of: CompanyId) -> Result<Vec<Connection>, ReadError> {
    let sql = select!("WHERE company = $1 ORDER BY id");
    all(conn, query(sql).bind(of.to_string()), connection_row).await
}

pub(super) async fn by_id(
    conn: &mut SqliteConnection,
    of: CompanyId,
    id: ConnectionId,
) -> Result<Option<Connection>, ReadError> {
    let sql = select!("WHERE id = $1 AND company = $2");
    one(conn, query(sql).bind(id.to_string()).bind(of.to_string()), connection_row).await
}

pub(super) async fn of_account(
    conn: &mut SqliteConnection,
    account: &AccountId,
    mode: Mode,
) -> Result<Vec<Connection>, ReadError> {
    let sql = select!("WHERE account = $1 AND mode = $2 ORDER BY id");
    let account = account.as_str().to_owned();
    readable(conn, query(sql).bind(account).bind(mode.as_str()), connection_row).await
}

pub(super) async fn holders(
    conn: &mut SqliteConnection,
    account: &AccountId,
    mode: Mode,
) -> Result<Vec<Holder>, ReadError> {
    let sql = "SELECT id, company, kind, base_url, status, authorized_at, updated_at FROM connections \
               WHERE account = $1 AND mode = $2 AND company NOT IN (SELECT id FROM removed_companies) \
               ORDER BY id";
    let account = account.as_str().to_owned();
    readable(conn, query(sql).bind(account).bind(mode.as_str()), holder_row).await
}

/// Only whose it is, and what proves that it reaches the account, has to be there.
fn holder_row(row: &SqliteRow) -> Result<Holder, ReadError> {
    let mut c = Columns::of("connections", row);
    let _: String = c.get()?;
    Ok(Holder {
        company: c.parse()?,
        kind: c.get()?,
        base_url: c.get()?,
        status: c.parse().ok(),
        authorized_at: c.time_opt().ok().flatten(),
        updated_at: c.time().ok(),
    })
}

pub(super) async fn expiring(
    conn: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Connection>, ReadError> {
    let sql = select!("WHERE expires_at < $1 ORDER BY expires_at, id LIMIT $2");
    all(conn, query(sql).bind(micros(before)).bind(i64::from(limit)), connection_row).await
}

pub(super) async fn put_authorization(conn: &mut SqliteConnection, a: &Authorization) -> Written {
    query(
        "INSERT INTO authorizations (state, company, connection, kept, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(a.state.to_vec())
    .bind(a.company.to_string())
    .bind(a.connection.to_string())
    .bind(a.kept.as_bytes())
    .bind(micros(a.created_at))
    .bind(micros(a.expires_at))
    .execute(conn)
    .await?;
    Ok(Effected::Done)
}

pub(super) async fn take_authorization(conn: &mut SqliteConnection, state: [u8; 32]) -> Written {
    let done =
        query("DELETE FROM authorizations WHERE state = $1").bind(state.to_vec()).execute(conn).await?;
    if done.rows_affected() == 0 { Err(Stop::Refused(Refusal::Missing)) } else { Ok(Effected::Done) }
}

pub(super) async fn forget_authorizations(conn: &mut SqliteConnection, before: Timestamp) -> Written {
    query("DELETE FROM authorizations WHERE expires_at < $1").bind(micros(before)).execute(conn).await?;
    Ok(Effected::Done)
}

pub(super) async fn authorization(
    conn: &mut SqliteConnection,
    state: [u8; 32],
) -> Result<Option<Authorization>, ReadError> {
    let sql = "SELECT hex(state), company, connection, kept, created_at, expires_at, state \
               FROM authorizations WHERE state = $1";
    one(conn, query(sql).bind(state.to_vec()), |row| {
        let mut c = Columns::of("authorizations", row);
        let _: String = c.get()?;
        let (company, connection, kept) = (c.parse()?, c.parse()?, c.sealed()?);
        let (created_at, expires_at, state) = (c.time()?, c.time()?, c.bytes()?);
        Ok(Authorization { state, company, connection, kept, created_at, expires_at })
    })
    .await
}
