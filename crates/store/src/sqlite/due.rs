//! Which receipts are dispatched next.
//!
//! The oldest, over an index of just those. When there are more than asked for, and not all
//! of one company, each company that has any gets its share: one that imports its history
//! keeps no other waiting. Finding the companies costs a step in an index for each, and is
//! done only then.

use model::{Timestamp, micros};
use sqlx::{Row, SqliteConnection, query};

use super::{
    columns::{all, unreadable},
    receipts::receipt_row,
};
use crate::{backend::ReadError, rows::Receipt};

const OLDEST: &str = "SELECT id, company, account, mode, event, kind, created_at, received_at, objects, \
     listeners, body, sum, status, tries, next_try_at, error FROM receipts INDEXED BY receipts_to_dispatch \
     WHERE status IN ('received', 'failed') AND (status = 'received' OR next_try_at <= $1) \
     ORDER BY id LIMIT $2";

/// The companies that have something due. A partial index serves only who repeats its
/// condition.
const OWNERS: &str = "WITH RECURSIVE every (company) AS ( \
     SELECT min(company) FROM receipts WHERE status IN ('received', 'failed', 'dead', 'ignored') UNION ALL \
     SELECT (SELECT min(company) FROM receipts WHERE company > every.company \
     AND status IN ('received', 'failed', 'dead', 'ignored')) FROM every WHERE company IS NOT NULL) \
     SELECT json_group_array(company) FROM every WHERE EXISTS (SELECT 1 FROM receipts AS r \
     WHERE r.company = every.company AND r.status = 'received' \
     AND r.status IN ('received', 'failed', 'dead', 'ignored')) OR EXISTS (SELECT 1 FROM receipts AS r \
     WHERE r.company = every.company AND r.status = 'failed' \
     AND r.status IN ('received', 'failed', 'dead', 'ignored') AND r.next_try_at <= $1)";

/// The first of each of these companies, then the second, and so on.
const IN_TURNS: &str = "WITH due (id, company) AS ( \
     SELECT r.id, o.value FROM json_each($3) AS o CROSS JOIN receipts AS r ON r.id IN (SELECT id FROM receipts \
     WHERE company = o.value AND status = 'received' AND status IN ('received', 'failed', 'dead', 'ignored') \
     ORDER BY id LIMIT $4) UNION ALL \
     SELECT r.id, o.value FROM json_each($3) AS o CROSS JOIN receipts AS r ON r.id IN (SELECT id FROM receipts \
     WHERE company = o.value AND status = 'failed' AND status IN ('received', 'failed', 'dead', 'ignored') \
     AND next_try_at <= $1 ORDER BY id LIMIT $4)), \
     turns (id, place) AS (SELECT id, row_number() OVER (PARTITION BY company ORDER BY id) FROM due) \
     SELECT r.id, r.company, r.account, r.mode, r.event, r.kind, r.created_at, r.received_at, r.objects, \
     r.listeners, r.body, r.sum, r.status, r.tries, r.next_try_at, r.error \
     FROM turns CROSS JOIN receipts AS r ON r.id = turns.id ORDER BY turns.place, turns.id LIMIT $2";

pub(super) async fn to_dispatch(
    conn: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Receipt>, ReadError> {
    let oldest = query(OLDEST).bind(micros(now)).bind(i64::from(limit));
    let oldest = all(&mut *conn, oldest, receipt_row).await?;
    if oldest.len() < limit as usize {
        return Ok(oldest);
    }
    let row = query(OWNERS).bind(micros(now)).fetch_one(&mut *conn).await.map_err(unreadable)?;
    let owners: String = row.try_get(0).map_err(unreadable)?;
    let count = serde_json::from_str::<Vec<String>>(&owners).map_or(0, |owners| owners.len());
    if count <= 1 {
        return Ok(oldest);
    }
    let share = i64::from(limit).div_euclid(i64::try_from(count).unwrap_or(i64::MAX)).max(1);
    let turns = query(IN_TURNS).bind(micros(now)).bind(i64::from(limit)).bind(owners).bind(share);
    all(conn, turns, receipt_row).await
}

pub(super) async fn next_dispatch(conn: &mut SqliteConnection) -> Result<Option<Timestamp>, ReadError> {
    let sql = "SELECT min(next_try_at) FROM receipts WHERE status = 'failed'";
    let row = query(sql).fetch_one(conn).await.map_err(unreadable)?;
    let at: Option<i64> = row.try_get(0).map_err(unreadable)?;
    Ok(at.map(model::from_micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finding_whose_turn_it_is_scans_no_table() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = crate::sqlite::open::writer(folder.path()).await.unwrap();
        for sql in [OWNERS, IN_TURNS] {
            let rows = query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .bind(0_i64)
                .bind(9_i64)
                .bind("[]")
                .bind(1_i64)
                .fetch_all(&mut conn)
                .await
                .unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get(3)).collect();
            let reads = steps.iter().filter(|step| step.contains(" r ") || step.contains("receipts"));
            for step in reads {
                assert!(step.starts_with("SEARCH"), "{step} of {steps:#?}");
            }
        }
    }
}
