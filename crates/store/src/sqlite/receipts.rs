//! Receipts: stored in bulk, dispatched one by one.
//!
//! A group's receipts go in with one statement for many rows, and everything from
//! `BEGIN` to their objects with one text: each text that is handed to SQLite's thread
//! costs two changes of threads. A text exists for each small number of rows and for
//! few larger ones, so that a handful of prepared ones serves every group.

use std::{collections::HashSet, sync::LazyLock};

use futures_util::TryStreamExt as _;
use model::{CompanyId, EventId, Mode, ReceiptId, ReceiptStatus, micros};
use sqlx::{
    AssertSqlSafe, Executor as _, SqliteConnection, query,
    sqlite::{SqliteQueryResult, SqliteRow},
};

use super::{
    columns::{Columns, all, one},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    checksum::Checksum,
    rows::{Page, PageOf, Receipt, ReceiptFilter},
    unit::{Effected, Refusal},
};

pub(super) const COLUMNS: &str = "id, company, account, mode, event, kind, created_at, received_at, objects, \
     listeners, body, sum, status, tries, next_try_at, error";
const WIDTH: usize = 16;
/// The numbers of rows that a text exists for, ascending.
const LENGTHS: [usize; 23] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 24, 32, 48, 64, 96, 128];

/// How a transaction begins.
const BEGIN: &str = "BEGIN IMMEDIATE;";

/// The objects of the rows that the statement before has inserted, which have the last
/// row numbers; none when it inserted none.
const OBJECTS: &str = "INSERT OR IGNORE INTO receipt_objects (object, receipt) SELECT o.value, r.id \
     FROM receipts AS r CROSS JOIN json_each(r.objects) AS o \
     WHERE r.rowid > iif(changes() > 0, last_insert_rowid() - changes(), 9223372036854775807)";

/// For each of [`LENGTHS`]: the text, without and with `BEGIN`. `OR IGNORE` cannot stop
/// in the middle, so that SQLite keeps no journal of the statement.
static TEXTS: LazyLock<Vec<[String; 2]>> = LazyLock::new(|| {
    let row = format!("({})", vec!["?"; WIDTH].join(", "));
    let texts = LENGTHS.map(|n| {
        let rows = vec![row.as_str(); n].join(", ");
        let text = format!("INSERT OR IGNORE INTO receipts ({COLUMNS}) VALUES {rows}; {OBJECTS}");
        [text.clone(), format!("{BEGIN} {text}")]
    });
    texts.into()
});

/// Cuts rows into pieces that a text exists for, and gives each its place in `TEXTS`.
fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    std::iter::from_fn(move || {
        let place = LENGTHS.partition_point(|length| *length <= rows.len()).checked_sub(1)?;
        let (piece, rest) = rows.split_at(LENGTHS[place]);
        rows = rest;
        Some((place, piece))
    })
}

fn sum(r: &Receipt, objects: &str) -> [u8; 8] {
    Checksum::of("receipts")
        .text(&r.id.to_string())
        .text(&r.company.to_string())
        .text(r.account.as_str())
        .text(r.mode.as_str())
        .text(r.event.as_str())
        .text(&r.kind)
        .number(micros(r.created_at))
        .number(micros(r.received_at))
        .text(objects)
        .number(i64::from(r.listeners))
        .part(r.body.as_bytes())
        .done()
}

fn objects_text(objects: &[String]) -> String {
    serde_json::to_string(objects).unwrap_or_default()
}

/// Begins a transaction and stores receipts; see [`receive`].
pub(super) async fn begin_and_receive(
    conn: &mut SqliteConnection,
    rows: &[&Receipt],
) -> Result<Vec<Effected>, Stop> {
    if rows.is_empty() {
        query(BEGIN).execute(conn).await?;
        return Ok(Vec::new());
    }
    store(conn, rows, true).await
}

/// Stores receipts, in this order; says what is stored for each, and whether it is new.
pub(super) async fn receive(conn: &mut SqliteConnection, rows: &[&Receipt]) -> Result<Vec<Effected>, Stop> {
    store(conn, rows, false).await
}

async fn store(
    conn: &mut SqliteConnection,
    rows: &[&Receipt],
    mut begin: bool,
) -> Result<Vec<Effected>, Stop> {
    let mut effects = Vec::with_capacity(rows.len());
    for (place, piece) in pieces(rows) {
        let inserted = insert(conn, &TEXTS[place][usize::from(begin)], piece).await?;
        begin = false;
        let fresh = fresh(conn, piece, inserted).await?;
        for row in piece {
            let is_fresh = fresh.as_ref().is_none_or(|ids| ids.contains(&row.id));
            let receipt = if is_fresh {
                (*row).clone()
            } else {
                by_identity(conn, row).await?.ok_or(Stop::Unclean(Refusal::Conflict))?
            };
            effects.push(Effected::Received { receipt: Box::new(receipt), fresh: is_fresh });
        }
    }
    Ok(effects)
}

/// The ids of the rows that were inserted just now; `None` stands for all. Two rows of
/// the same id are somebody's mistake, and have to go in one by one.
async fn fresh(
    conn: &mut SqliteConnection,
    rows: &[&Receipt],
    inserted: Inserted,
) -> Result<Option<HashSet<ReceiptId>>, Stop> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if inserted.count == count {
        return Ok(None);
    }
    let ids: HashSet<ReceiptId> = rows.iter().map(|row| row.id).collect();
    if ids.len() < rows.len() {
        return Err(Stop::Unclean(Refusal::Conflict));
    }
    if inserted.count == 0 {
        return Ok(Some(HashSet::new()));
    }
    let new = query("SELECT id FROM receipts WHERE rowid > $1").bind(inserted.last - inserted.count);
    let mut fresh = HashSet::new();
    for row in new.fetch_all(conn).await? {
        fresh.insert(Columns::of("receipts", &row).parse()?);
    }
    Ok(Some(fresh))
}

/// How many rows a statement has inserted, and the number of the last.
struct Inserted {
    count: i64,
    last: i64,
}

async fn insert(conn: &mut SqliteConnection, sql: &'static str, rows: &[&Receipt]) -> Result<Inserted, Stop> {
    let mut statement = query(sql);
    for r in rows {
        let objects = objects_text(&r.objects);
        let sum = sum(r, &objects).to_vec();
        statement = statement
            .bind(r.id.to_string())
            .bind(r.company.to_string())
            .bind(r.account.as_str())
            .bind(r.mode.as_str())
            .bind(r.event.as_str())
            .bind(&r.kind)
            .bind(micros(r.created_at))
            .bind(micros(r.received_at))
            .bind(objects)
            .bind(i64::from(r.listeners))
            .bind(r.body.as_bytes())
            .bind(sum)
            .bind(r.status.as_str())
            .bind(i64::from(r.tries))
            .bind(r.next_try_at.map(micros))
            .bind(r.error.as_deref());
    }
    // One result for each statement of the text: the insertion's is the last but one.
    let results: Vec<SqliteQueryResult> = (&mut *conn).execute_many(statement).try_collect().await?;
    let [.., inserted, _] = results.as_slice() else { return Err(Stop::Unclean(Refusal::Missing)) };
    let count = i64::try_from(inserted.rows_affected()).unwrap_or(i64::MAX);
    Ok(Inserted { count, last: inserted.last_insert_rowid() })
}

pub(super) fn receipt_row(row: &SqliteRow) -> Result<Receipt, ReadError> {
    let mut c = Columns::of("receipts", row);
    let mut receipt = Receipt {
        id: c.parse()?,
        company: c.parse()?,
        account: model::AccountId::new(c.get::<String>()?),
        mode: c.with(Mode::parse)?,
        event: EventId::new(c.get::<String>()?),
        kind: c.get()?,
        created_at: c.time()?,
        received_at: c.time()?,
        objects: c.json()?,
        listeners: c.number()?,
        body: c.sealed()?,
        status: ReceiptStatus::Received,
        tries: 0,
        next_try_at: None,
        error: None,
    };
    c.verify(sum(&receipt, &objects_text(&receipt.objects)))?;
    receipt.status = c.parse()?;
    receipt.tries = c.number()?;
    receipt.next_try_at = c.time_opt()?;
    receipt.error = c.get()?;
    Ok(receipt)
}

async fn by_identity(conn: &mut SqliteConnection, r: &Receipt) -> Result<Option<Receipt>, ReadError> {
    let sql = "SELECT id, company, account, mode, event, kind, created_at, received_at, objects, listeners, \
               body, sum, status, tries, next_try_at, error FROM receipts \
               WHERE company = $1 AND event = $2 AND account = $3 AND mode = $4";
    let statement = query(sql)
        .bind(r.company.to_string())
        .bind(r.event.as_str())
        .bind(r.account.as_str())
        .bind(r.mode.as_str());
    one(conn, statement, receipt_row).await
}

/// Makes a receipt `received` again; one that is so already stays as it is.
pub(super) async fn replay(conn: &mut SqliteConnection, id: ReceiptId) -> Result<Effected, Stop> {
    let done = query(
        "UPDATE receipts SET status = 'received', next_try_at = NULL, tries = 0, error = NULL \
         WHERE id = $1 AND status NOT IN ('dispatched', 'done')",
    )
    .bind(id.to_string())
    .execute(&mut *conn)
    .await?;
    changed(conn, id, done.rows_affected()).await
}

/// Whether a receipt is what was written: nothing that a damaged one says of itself
/// is to be believed.
pub(super) async fn is_intact(conn: &mut SqliteConnection, id: ReceiptId) -> Result<bool, Stop> {
    match by_id(conn, id).await {
        Ok(_) => Ok(true),
        Err(ReadError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Says why an update with a guard changed no row.
pub(super) async fn changed(conn: &mut SqliteConnection, id: ReceiptId, rows: u64) -> Result<Effected, Stop> {
    if rows == 1 {
        return Ok(Effected::Done);
    }
    let known =
        query("SELECT 1 FROM receipts WHERE id = $1").bind(id.to_string()).fetch_optional(conn).await?;
    Err(Stop::Refused(if known.is_some() { Refusal::NotReceived } else { Refusal::Missing }))
}

pub(super) async fn by_id(conn: &mut SqliteConnection, id: ReceiptId) -> Result<Option<Receipt>, ReadError> {
    let sql = "SELECT id, company, account, mode, event, kind, created_at, received_at, objects, listeners, \
               body, sum, status, tries, next_try_at, error FROM receipts WHERE id = $1";
    one(conn, query(sql).bind(id.to_string()), receipt_row).await
}

pub(super) async fn of_event(
    conn: &mut SqliteConnection,
    of: CompanyId,
    event: &EventId,
) -> Result<Vec<Receipt>, ReadError> {
    let sql = "SELECT id, company, account, mode, event, kind, created_at, received_at, objects, listeners, \
               body, sum, status, tries, next_try_at, error FROM receipts \
               WHERE company = $1 AND event = $2 ORDER BY +id";
    all(conn, query(sql).bind(of.to_string()).bind(event.as_str()), receipt_row).await
}

/// The text depends on the filter, so that an index serves each: `?1` the company,
/// `?2` the id before the page, `?3` the kind, `?4` the object, `?5` the limit.
fn page_sql(filter: &ReceiptFilter) -> String {
    let mut sql = format!("SELECT {COLUMNS} FROM ");
    sql.push_str(match filter.object {
        Some(_) => "receipt_objects AS o CROSS JOIN receipts ON id = o.receipt WHERE o.object = ?4 AND o.receipt < ?2",
        None => "receipts WHERE id < ?2",
    });
    sql.push_str(" AND company = ?1");
    if filter.kind.is_some() {
        sql.push_str(" AND kind = ?3");
    }
    if let Some(status) = filter.status {
        // One of our own words. A partial index serves only who repeats its condition.
        sql.push_str(&format!(" AND status = '{status}'"));
        if !matches!(status, ReceiptStatus::Dispatched | ReceiptStatus::Done) {
            sql.push_str(" AND status IN ('received', 'failed', 'dead', 'ignored')");
        }
    }
    let order = if filter.object.is_some() { "o.receipt" } else { "id" };
    sql.push_str(&format!(" ORDER BY {order} DESC LIMIT ?5"));
    sql
}

/// A page, newest first.
pub(super) async fn page(
    conn: &mut SqliteConnection,
    of: CompanyId,
    filter: &ReceiptFilter,
    page: Page<ReceiptId>,
) -> Result<PageOf<Receipt>, ReadError> {
    let limit = page.limit.clamp(1, 100) as usize;
    // `~` sorts after every id.
    let statement = query(AssertSqlSafe(page_sql(filter)))
        .bind(of.to_string())
        .bind(page.after.map_or_else(|| "~".to_owned(), |id| id.to_string()))
        .bind(filter.kind.as_deref())
        .bind(filter.object.as_deref())
        .bind(limit as i64 + 1);
    Ok(super::cut(all(conn, statement, receipt_row).await?, limit))
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;

    use super::*;

    #[tokio::test]
    async fn every_filter_of_receipts_has_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = crate::sqlite::open::writer(folder.path()).await.unwrap();
        let by = |kind: Option<&str>, status, object: Option<&str>| ReceiptFilter {
            kind: kind.map(Into::into),
            status,
            object: object.map(Into::into),
        };
        for (filter, plan) in [
            (by(None, None, None), "INDEX receipts_of_company (company=? AND id<?)"),
            (by(Some("k"), None, None), "INDEX receipts_by_kind (company=? AND kind=? AND id<?)"),
            (
                by(None, Some(ReceiptStatus::Dead), None),
                "INDEX receipts_by_status (company=? AND status=? AND id<?)",
            ),
            (by(None, None, Some("o")), "SEARCH o USING PRIMARY KEY (object=? AND receipt<?)"),
            (by(Some("k"), Some(ReceiptStatus::Done), Some("o")), "SEARCH o USING PRIMARY KEY"),
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", page_sql(&filter));
            let mut statement = query(AssertSqlSafe(sql));
            for _ in 0..5 {
                statement = statement.bind(None::<String>);
            }
            let rows = statement.fetch_all(&mut conn).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get(3)).collect();
            assert!(steps[0].contains(plan), "{filter:?}: {steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{filter:?}: {steps:?}");
        }
    }
}
