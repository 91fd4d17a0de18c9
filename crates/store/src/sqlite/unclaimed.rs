//! Events that nobody claims. Rare: each stands for an account that somebody consented
//! for and no company knows.

use model::{AccountId, EventId, Mode, ReceiptId, Timestamp, micros};
use sqlx::{SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, readable},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    checksum::Checksum,
    rows::{Page, PageOf, Unclaimed, UnclaimedOf},
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
    of_account: u32,
    of_all: u32,
) -> Written {
    let objects = objects_text(&u.objects);
    let sum = sum(u, &objects).to_vec();
    let done = query(
        "INSERT INTO unclaimed (id, account, mode, event, kind, created_at, received_at, objects, body, sum) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (event, account, mode) DO NOTHING",
    )
    .bind(u.id.to_string())
    .bind(u.account.as_str())
    .bind(u.mode.as_str())
    .bind(u.event.as_str())
    .bind(&u.kind)
    .bind(micros(u.created_at))
    .bind(micros(u.received_at))
    .bind(objects)
    .bind(u.body.as_bytes())
    .bind(sum)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Effected::Kept { fresh: false, gone: 0 });
    }
    let of_account = query(
        "DELETE FROM unclaimed WHERE id IN (SELECT id FROM unclaimed WHERE account = $1 AND mode = $2 \
         ORDER BY id DESC LIMIT -1 OFFSET $3)",
    )
    .bind(u.account.as_str())
    .bind(u.mode.as_str())
    .bind(i64::from(of_account))
    .execute(&mut *conn)
    .await?;
    let of_all = query(
        "DELETE FROM unclaimed WHERE id IN (SELECT id FROM unclaimed ORDER BY id DESC LIMIT -1 OFFSET $1)",
    )
    .bind(i64::from(of_all))
    .execute(conn)
    .await?;
    Ok(Effected::Kept { fresh: true, gone: of_account.rows_affected() + of_all.rows_affected() })
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
    let unclaimed = Unclaimed {
        id: c.parse()?,
        account: AccountId::new(c.get::<String>()?),
        mode: c.with(Mode::parse)?,
        event: EventId::new(c.get::<String>()?),
        kind: c.get()?,
        created_at: c.time()?,
        received_at: c.time()?,
        objects: c.json()?,
        body: c.sealed()?,
    };
    c.verify(sum(&unclaimed, &objects_text(&unclaimed.objects)))?;
    Ok(unclaimed)
}

pub(super) async fn page(
    conn: &mut SqliteConnection,
    page: Page<ReceiptId>,
) -> Result<PageOf<Unclaimed>, ReadError> {
    let sql = "SELECT id, account, mode, event, kind, created_at, received_at, objects, body, sum \
               FROM unclaimed WHERE id < $1 ORDER BY id DESC LIMIT $2";
    let limit = page.limit.clamp(1, 100) as usize;
    // `~` sorts after every id.
    let statement = query(sql)
        .bind(page.after.map_or_else(|| "~".to_owned(), |id| id.to_string()))
        .bind(limit as i64 + 1);
    Ok(super::cut(readable(conn, statement, unclaimed_row).await?, limit))
}

pub(super) async fn claimable(conn: &mut SqliteConnection, limit: u32) -> Result<Vec<Unclaimed>, ReadError> {
    let sql = "SELECT id, account, mode, event, kind, created_at, received_at, objects, body, sum \
               FROM unclaimed WHERE EXISTS (SELECT 1 FROM connections AS c \
               WHERE c.account = unclaimed.account AND c.mode = unclaimed.mode) ORDER BY id LIMIT $1";
    readable(conn, query(sql).bind(i64::from(limit)), unclaimed_row).await
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
