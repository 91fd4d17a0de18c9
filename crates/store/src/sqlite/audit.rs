//! The audit log: rows are added and read, never changed.

use model::{AuditId, CompanyId, KeyId, micros};
use sqlx::{SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    rows::{Audited, Page, PageOf},
    unit::Effected,
};

/// Where an entry has no actor: the column has had one in every row from the beginning.
const NOBODY: &str = "-";

pub(super) async fn add(conn: &mut SqliteConnection, entry: &Audited) -> Result<Effected, Stop> {
    query(
        "INSERT INTO audit (id, company, at, actor, what, target, details) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry.id.to_string())
    .bind(entry.company.to_string())
    .bind(micros(entry.at))
    .bind(entry.actor.map_or_else(|| NOBODY.to_owned(), |key| key.to_string()))
    .bind(&entry.what)
    .bind(&entry.target)
    .bind(&entry.details)
    .execute(conn)
    .await?;
    Ok(Effected::Done)
}

pub(super) async fn page(
    conn: &mut SqliteConnection,
    of: CompanyId,
    page: Page<AuditId>,
) -> Result<PageOf<Audited>, ReadError> {
    let sql = "SELECT id, company, at, actor, what, target, details FROM audit \
               WHERE company = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let limit = page.limit.clamp(1, 100) as usize;
    // `~` sorts after every id.
    let statement = query(sql)
        .bind(of.to_string())
        .bind(page.after.map_or_else(|| "~".to_owned(), |id| id.to_string()))
        .bind(limit as i64 + 1);
    Ok(super::cut(all(conn, statement, audit_row).await?, limit))
}

fn actor(text: &str) -> Option<Option<KeyId>> {
    if text == NOBODY { Some(None) } else { text.parse().ok().map(Some) }
}

fn audit_row(row: &SqliteRow) -> Result<Audited, ReadError> {
    let mut c = Columns::of("audit", row);
    Ok(Audited {
        id: c.parse()?,
        company: c.parse()?,
        at: c.time()?,
        actor: c.with(actor)?,
        what: c.get()?,
        target: c.get()?,
        details: c.get()?,
    })
}
