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
/// Frames (of 4 KiB) from which on the writer helps: 64 MiB.
const LONG: i64 = 16_384;

/// Checkpoints until the store closes.
pub(super) async fn run(mut conn: SqliteConnection, shared: Arc<Shared>, closing: CancellationToken) {
    let mut seen = 0;
    while closing.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let commits = shared.commits.load(Ordering::Acquire);
        if commits == seen || shared.broken.get().is_some() {
            continue;
        }
        seen = commits;
        match query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut conn).await {
            // Columns: busy, frames in the log, frames moved.
            Ok(row) if row.try_get(1).unwrap_or(0_i64) > LONG => {
                shared.log_is_long.store(true, Ordering::Release);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be moved; trying again"),
        }
    }
    _ = conn.close().await;
}
