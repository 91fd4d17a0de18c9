//! Events that nobody claims. Rare: each stands for an account that somebody consented
//! for and no company knows.

use model::{AccountId, EventId, Mode, ReceiptId, Sealed, Timestamp, micros};
use sqlx::{Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, readable},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    checksum::Checksum,
    rows::{Bound, Page, PageOf, Unclaimed, UnclaimedOf},
    unit::{Effected, Refusal},
};

type Written = Result<Effected, Stop>;

fn sum(u: &Unclaimed, objects: &str) -> [u8; 8] {
    Checksum::of("unclaimed")
        .text(&u.id.to_string())
        .text(u.account.as_str())
        .text(u.mode.as_str())
        .text(u.event.as_str())
        .text(&u.kind)
        .number(micros(u.created_at))
        .number(micros(u.received_at))
        .text(objects)
        .part(u.body.as_bytes())
        .done()
}

fn objects_text(objects: &[String]) -> String {
    serde_json::to_string(objects).unwrap_or_default()
}

pub(super) async fn keep(
    conn: &mut SqliteConnection,
    u: &Unclaimed,
    of_account: Bound,
    of_all: Bound,
) -> Written {
    let objects = objects_text(&u.objects);
    let sum = sum(u, &objects).to_vec();
    let done = query(
        "INSERT INTO unclaimed (id, account, mode, event, kind, created_at, received_at, objects, size, body, sum) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (event, account, mode) DO NOTHING",
    )
    .bind(u.id.to_string())
    .bind(u.account.as_str())
    .bind(u.mode.as_str())
    .bind(u.event.as_str())
    .bind(&u.kind)
    .bind(micros(u.created_at))
    .bind(micros(u.received_at))
    .bind(objects)
    .bind(number(u.body.as_bytes().len()))
    .bind(u.body.as_bytes())
    .bind(sum)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Effected::Kept { fresh: false, gone: 0 });
    }
    let gone = beyond(conn, u, of_account, OF_ACCOUNT).await? + beyond(conn, u, of_all, OF_ALL).await?;
    Ok(Effected::Kept { fresh: true, gone })
}

/// Whether there is too much, and what is beyond: counted from the newest, without the
/// one that has just come, whose id is not the greatest when the clock was set back.
struct Beyond {
    much: &'static str,
    delete: &'static str,
}

macro_rules! beyond {
    ($of:literal) => {
        Beyond {
            much: concat!(
                "SELECT count(*) > $4 OR coalesce(sum(size), 0) > $5 FROM unclaimed WHERE id <> $3 AND ",
                $of
            ),
            delete: concat!(
                "DELETE FROM unclaimed WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER newest AS n, \
                 sum(size) OVER newest AS bytes FROM unclaimed WHERE id <> $3 AND ",
                $of,
                " WINDOW newest AS (ORDER BY id DESC)) WHERE n > $4 OR bytes > $5)"
            ),
        }
    };
}

const OF_ACCOUNT: Beyond = beyond!("account = $1 AND mode = $2");
const OF_ALL: Beyond = beyond!("$1 <> '' AND $2 <> ''");

/// Removes what is beyond a bound; says how many.
async fn beyond(
    conn: &mut SqliteConnection,
    u: &Unclaimed,
    most: Bound,
    of: Beyond,
) -> Result<u64, sqlx::Error> {
    let bytes = most.bytes.saturating_sub(u.body.as_bytes().len() as u64);
    let bound = |sql| {
        query(sql)
            .bind(u.account.as_str())
            .bind(u.mode.as_str())
            .bind(u.id.to_string())
            .bind(i64::from(most.count.saturating_sub(1)))
            .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    };
    if !bound(of.much).fetch_one(&mut *conn).await?.try_get::<bool, _>(0)? {
        return Ok(0);
    }
    Ok(bound(of.delete).execute(conn).await?.rows_affected())
}

fn number(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

pub(super) async fn take(conn: &mut SqliteConnection, id: ReceiptId) -> Written {
    let done = query("DELETE FROM unclaimed WHERE id = $1").bind(id.to_string()).execute(conn).await?;
    if done.rows_affected() == 0 { Err(Stop::Refused(Refusal::Missing)) } else { Ok(Effected::Done) }
}

pub(super) async fn forget(conn: &mut SqliteConnection, before: Timestamp) -> Written {
    let done =
        query("DELETE FROM unclaimed WHERE received_at < $1").bind(micros(before)).execute(conn).await?;
    Ok(Effected::Forgotten(done.rows_affected()))
}

fn unclaimed_row(row: &SqliteRow) -> Result<Unclaimed, ReadError> {
    let mut c = Columns::of("unclaimed", row);
    let unclaimed = fields(&mut c, Columns::sealed)?;
    c.verify(sum(&unclaimed, &objects_text(&unclaimed.objects)))?;
    Ok(unclaimed)
}

fn fields<'r>(
    c: &mut Columns<'r>,
    body: impl FnOnce(&mut Columns<'r>) -> Result<Sealed, ReadError>,
) -> Result<Unclaimed, ReadError> {
    Ok(Unclaimed {
        id: c.parse()?,
        account: AccountId::new(c.get::<String>()?),
        mode: c.with(Mode::parse)?,
        event: EventId::new(c.get::<String>()?),
        kind: c.get()?,
        created_at: c.time()?,
        received_at: c.time()?,
        objects: c.json()?,
        body: body(c)?,
    })
}

/// As lists show it. The checksum covers the body, which is not read.
fn listed_row(row: &SqliteRow) -> Result<Unclaimed, ReadError> {
    let mut c = Columns::of("unclaimed", row);
    fields(&mut c, |_| Ok(Sealed::from_ciphertext(Vec::new())))
}

pub(super) async fn page(
    conn: &mut SqliteConnection,
    page: Page<ReceiptId>,
) -> Result<PageOf<Unclaimed>, ReadError> {
    let sql = "SELECT id, account, mode, event, kind, created_at, received_at, objects \
               FROM unclaimed WHERE id < $1 ORDER BY id DESC LIMIT $2";
    let limit = page.limit.clamp(1, 100) as usize;
    // `~` sorts after every id.
    let statement = query(sql)
        .bind(page.after.map_or_else(|| "~".to_owned(), |id| id.to_string()))
        .bind(limit as i64 + 1);
    Ok(super::cut(readable(conn, statement, listed_row).await?, limit))
}

pub(super) async fn claimable(
    conn: &mut SqliteConnection,
    limit: u32,
    after: Option<ReceiptId>,
) -> Result<Vec<Unclaimed>, ReadError> {
    let sql = "SELECT id, account, mode, event, kind, created_at, received_at, objects, body, sum \
               FROM unclaimed WHERE id > $2 AND EXISTS (SELECT 1 FROM connections AS c \
               WHERE c.account = unclaimed.account AND c.mode = unclaimed.mode AND c.status <> 'revoked' \
               AND c.company NOT IN (SELECT id FROM removed_companies)) ORDER BY id LIMIT $1";
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    readable(conn, query(sql).bind(i64::from(limit)).bind(after), unclaimed_row).await
}

pub(super) async fn accounts(conn: &mut SqliteConnection) -> Result<Vec<UnclaimedOf>, ReadError> {
    let sql = "SELECT account, mode, count(*), min(received_at), max(received_at) FROM unclaimed \
               GROUP BY account, mode ORDER BY account, mode";
    all(conn, query(sql), |row| {
        let mut c = Columns::of("unclaimed", row);
        Ok(UnclaimedOf {
            account: AccountId::new(c.get::<String>()?),
            mode: c.with(Mode::parse)?,
            count: c.number()?,
            first_at: c.time()?,
            last_at: c.time()?,
        })
    })
    .await
}
