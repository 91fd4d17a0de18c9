//! Removing what a company owns, some rows at a time.
//!
//! What hangs on a row goes with it and before it, so that a purge that stopped half way
//! finds everything again.

use model::CompanyId;
use sqlx::{AssertSqlSafe, SqliteConnection, query};

use super::stop::Stop;
use crate::{rows::PurgePart, unit::Effected};

/// A table whose rows carry their company, its primary key, and the tables that hang on it
/// with the column that names its row.
struct Owned {
    table: &'static str,
    key: &'static str,
    hanging: &'static [(&'static str, &'static str)],
}

const fn owned(table: &'static str, key: &'static str) -> Owned {
    Owned { table, key, hanging: &[] }
}

fn of(part: PurgePart) -> Option<Owned> {
    Some(match part {
        PurgePart::ApiKeys => owned("api_keys", "id"),
        PurgePart::Sources => owned("sources", "id"),
        PurgePart::Authorizations => owned("authorizations", "state"),
        PurgePart::Connections => owned("connections", "id"),
        PurgePart::Secrets => owned("secrets", "rowid"),
        PurgePart::Workflows => {
            Owned { hanging: &[("workflow_versions", "workflow")], ..owned("workflows", "id") }
        }
        PurgePart::Runs => Owned {
            hanging: &[("journal", "run"), ("timers", "run"), ("waits", "run"), ("inputs", "run")],
            ..owned("runs", "id")
        },
        PurgePart::Intents => owned("intents", "key"),
        PurgePart::Receipts => owned("receipts", "id"),
        PurgePart::RequestKeys => owned("request_keys", "rowid"),
        PurgePart::Audit => owned("audit", "id"),
        PurgePart::DataKeys => return None,
    })
}

/// The objects of the receipts that go next. By both columns of the table's key: there is
/// no index that begins with the receipt.
const OBJECTS: &str = "DELETE FROM receipt_objects WHERE (object, receipt) IN \
     (SELECT o.value, r.id FROM (SELECT id, objects FROM receipts WHERE company = $1 ORDER BY id LIMIT $2) AS r \
     CROSS JOIN json_each(r.objects) AS o)";

/// Removes at most so many rows of a part, and says how many went, by table.
pub(super) async fn some(
    conn: &mut SqliteConnection,
    company: CompanyId,
    part: PurgePart,
    limit: u32,
) -> Result<Effected, Stop> {
    query("INSERT OR IGNORE INTO removed_companies (id) VALUES ($1)")
        .bind(company.to_string())
        .execute(&mut *conn)
        .await?;
    let Some(Owned { table, key, hanging }) = of(part) else { return last(conn, company).await };
    let next = format!("(SELECT {key} FROM {table} WHERE company = $1 ORDER BY {key} LIMIT $2)");
    let mut gone = Vec::new();
    if part == PurgePart::Receipts {
        gone.push(("receipt_objects", delete(conn, OBJECTS.to_owned(), company, limit).await?));
    }
    for (child, column) in hanging {
        let sql = format!("DELETE FROM {child} WHERE {column} IN {next}");
        gone.push((*child, delete(conn, sql, company, limit).await?));
    }
    let sql = format!("DELETE FROM {table} WHERE {key} IN {next}");
    gone.insert(0, (table, delete(conn, sql, company, limit).await?));
    Ok(Effected::Purged(gone))
}

async fn delete(
    conn: &mut SqliteConnection,
    sql: String,
    company: CompanyId,
    limit: u32,
) -> Result<u64, sqlx::Error> {
    let statement = query(AssertSqlSafe(sql)).bind(company.to_string()).bind(i64::from(limit));
    Ok(statement.execute(conn).await?.rows_affected())
}

/// The data keys, a handful, and the company.
async fn last(conn: &mut SqliteConnection, company: CompanyId) -> Result<Effected, Stop> {
    let keys = query("DELETE FROM data_keys WHERE id > $1 || '/' AND id < $1 || '0'")
        .bind(company.to_string())
        .execute(&mut *conn)
        .await?;
    let row =
        query("DELETE FROM companies WHERE id = $1").bind(company.to_string()).execute(&mut *conn).await?;
    Ok(Effected::Purged(vec![("data_keys", keys.rows_affected()), ("companies", row.rows_affected())]))
}
