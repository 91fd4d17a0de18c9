//! Moves the write-ahead log into the database, off the commit path.
//!
//! A passive checkpoint disturbs nobody, but under steady writing it never
//! catches up, and only a log that is moved to its end is begun anew. When the
//! log is long, the writer therefore does the rest between two groups.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sqlx::{Connection, Row, SqliteConnection, query};
use tokio_util::sync::CancellationToken;

use super::writer::Shared;

/// How often the log's length is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// What a page takes in the log: 4 KiB and a header.
const FRAME: u64 = 4096 + 24;

/// Checkpoints until the store closes. From `long_log` bytes on the writer helps.
pub(super) async fn run(
    mut conn: SqliteConnection,
    long_log: u64,
    shared: Arc<Shared>,
    closing: CancellationToken,
) {
    let long = i64::try_from(long_log / FRAME).unwrap_or(i64::MAX);
    let mut seen = 0;
    while closing.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let commits = shared.commits.load(Ordering::Acquire);
        if commits == seen || shared.broken.get().is_some() {
            continue;
        }
        seen = commits;
        match query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut conn).await {
            // Columns: busy, frames in the log, frames moved.
            Ok(row) if row.try_get(1).unwrap_or(0_i64) > long => {
                shared.log_is_long.store(true, Ordering::Release);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be moved; trying again"),
        }
    }
    _ = conn.close().await;
}
