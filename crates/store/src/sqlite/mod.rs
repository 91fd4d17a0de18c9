//! SQLite: one writer that commits in groups, a few readers, a checkpointer.
//!
//! Only the writer's connection can write, and only one process can hold the
//! folder. `synchronous` is FULL: with NORMAL a power failure loses commits that
//! Stripe was told 200 for, and group commit makes FULL as fast.

mod apply;
mod audit;
mod backend;
mod checkpoint;
mod columns;
mod connections;
mod dispatch;
mod due;
mod folder;
mod group;
mod intents;
mod journal;
mod open;
mod purge;
mod receipts;
mod runs;
mod stop;
mod tenants;
mod unclaimed;
#[cfg(test)]
mod upgrade;
mod workflows;
mod writer;

use std::{path::Path, sync::Arc};

use sqlx::{ConnectOptions, Row, SqliteConnection, SqlitePool, query, sqlite::SqlitePoolOptions};
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    fence::Fence,
    rows::PageOf,
    unit::{CommitError, Effected, Epoch, Priority, Unit},
    weight,
};

pub use folder::{is_data_folder, is_locked};
pub use open::OpenError;
use writer::{Job, Shared, Writer};

/// Limits of a SQLite store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// Units that may wait in each of the two queues; more are refused as `Full`.
    pub queue: usize,
    /// Reads at the same time.
    pub readers: u32,
    /// From this many bytes on a commit takes no further unit; one unit may go over it.
    /// Together with the 256 units that share a commit at most, it bounds how long
    /// those who come next have to wait.
    pub group_bytes: usize,
    /// Bytes of write-ahead log from which on the writer helps to move it into the
    /// database. Under steady writing the log stays within a small multiple.
    pub long_log: u64,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { queue: 4096, readers: 4, group_bytes: 4 << 20, long_log: 64 << 20 }
    }
}

/// A store in a folder. Share it in an `Arc`; the folder stays locked until it
/// is closed or dropped and the last queued unit is written.
pub struct Sqlite {
    interactive: mpsc::Sender<Job>,
    background: mpsc::Sender<Job>,
    read: SqlitePool,
    shared: Arc<Shared>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Sqlite {
    /// Opens or makes a data folder, brings its schema up to date, and locks it.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was changed then.
    pub async fn open(folder: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        let lock = folder::take_patiently(folder).await?;
        let sqlite = |error: sqlx::Error| OpenError::from_sqlite(folder, &error);
        let mut conn = open::writer(folder).await?;
        let fence = fence(&mut conn).await.map_err(sqlite)?;
        let readers = SqlitePoolOptions::new().max_connections(options.readers.max(1));
        let read = readers.connect_with(open::reading(folder)).await.map_err(sqlite)?;
        let checkpointer = open::writing(folder).connect().await.map_err(sqlite)?;

        let (interactive, from_interactive) = mpsc::channel(options.queue.max(1));
        let (background, from_background) = mpsc::channel(options.queue.max(1));
        let (shared, closing, tasks) =
            (Arc::new(Shared::default()), CancellationToken::new(), TaskTracker::new());
        let writer = Writer {
            conn,
            fence,
            interactive: from_interactive,
            background: from_background,
            shared: shared.clone(),
            group_bytes: options.group_bytes,
            closing: closing.clone(),
            folder: lock,
        };
        tasks.spawn(writer.run());
        tasks.spawn(checkpoint::run(checkpointer, options.long_log, shared.clone(), closing.clone()));
        tasks.close();
        Ok(Self { interactive, background, read, shared, closing, tasks })
    }

    /// Writes what has queued, empties the log and releases the folder. Later
    /// commits are refused, later reads fail. Repeating is safe.
    pub async fn close(&self) {
        self.read.close().await;
        self.closing.cancel();
        self.tasks.wait().await;
    }

    async fn enqueue(&self, unit: Unit) -> Result<Vec<Effected>, CommitError> {
        if let Some(refusal) = self.shared.refusal() {
            return Err(refusal);
        }
        let queue = match unit.priority {
            Priority::Interactive => &self.interactive,
            Priority::Background => &self.background,
        };
        let (answer, answered) = oneshot::channel();
        let bytes = weight::of(&unit);
        queue.try_send(Job { bytes, unit, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CommitError::Full("too many writes are waiting".into()),
            mpsc::error::TrySendError::Closed(_) => CommitError::Full("the store is closed".into()),
        })?;
        answered.await.unwrap_or_else(|_| Err(CommitError::Unavailable("the writer has ended".into())))
    }
}

/// Whose writes are taken, as the last process left it.
async fn fence(conn: &mut SqliteConnection) -> Result<Fence, sqlx::Error> {
    let row = query("SELECT epoch FROM driver").fetch_one(&mut *conn).await?;
    let epoch: i64 = row.try_get(0)?;
    let removed = query("SELECT id FROM removed_companies").fetch_all(conn).await?;
    let removed = removed.iter().filter_map(|row| row.try_get::<&str, _>(0).ok()?.parse().ok()).collect();
    Ok(Fence { epoch: Epoch(u64::try_from(epoch).unwrap_or(0)), removed })
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// A page out of up to `limit + 1` rows.
fn cut<T>(mut rows: Vec<T>, limit: usize) -> PageOf<T> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    PageOf { rows, has_more }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Write, suite::fixture::receipt};

    #[tokio::test]
    async fn a_broken_disk_is_never_acknowledged_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path(), SqliteOptions::default()).await.unwrap();
        let queued = store.enqueue(Unit::interactive(vec![Write::Receive(receipt(1))]));
        let mut queued = Box::pin(queued);
        assert!(futures_util::poll!(&mut queued).is_pending());
        store.shared.broken.set("the disk failed; restart".into()).unwrap();
        let refused = CommitError::Unavailable("the disk failed; restart".into());
        assert_eq!(queued.await, Err(refused.clone()), "what had queued is not written either");
        let later = store.enqueue(Unit::interactive(vec![Write::Receive(receipt(2))])).await;
        assert_eq!(later, Err(refused));
        store.close().await;
    }

    #[tokio::test]
    async fn a_group_is_bounded_in_bytes() {
        for (group_bytes, commits) in [(8 << 20, 1), (2 << 20, 3), (1, 6)] {
            let folder = tempfile::tempdir().unwrap();
            let options = SqliteOptions { group_bytes, ..SqliteOptions::default() };
            let store = Sqlite::open(folder.path(), options).await.unwrap();
            let big = (1..=6).map(|n| crate::Receipt {
                body: model::Sealed::from_ciphertext(vec![7; 1 << 20]),
                ..receipt(n)
            });
            let units = big.map(|row| store.enqueue(Unit::interactive(vec![Write::Receive(row)])));
            let answers = futures_util::future::join_all(units).await;
            assert!(answers.iter().all(Result::is_ok));
            assert_eq!(store.shared.commits.load(std::sync::atomic::Ordering::Acquire), commits);
            store.close().await;
        }
    }

    #[tokio::test]
    async fn large_units_leave_room_for_background_work() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions { group_bytes: 1 << 20, ..SqliteOptions::default() };
        let store = Sqlite::open(folder.path(), options).await.unwrap();
        let big = (1..=20)
            .map(|n| crate::Receipt { body: model::Sealed::from_ciphertext(vec![7; 1 << 20]), ..receipt(n) });
        let units = big.map(|row| store.enqueue(Unit::interactive(vec![Write::Receive(row)])));
        let background = async {
            store.enqueue(Unit::background(vec![Write::Replay { receipt: receipt(1).id }])).await.unwrap();
            store.shared.commits.load(std::sync::atomic::Ordering::Acquire)
        };
        let (answers, before) = tokio::join!(futures_util::future::join_all(units), background);
        assert!(answers.iter().all(Result::is_ok));
        assert!(before < 10, "it waited for {before} commits");
        store.close().await;
    }
}
