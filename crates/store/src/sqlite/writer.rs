//! The one writer: takes what queued during the last sync and commits it as a group.
//!
//! No timer gathers a group: whoever arrives while the disk is busy shares the
//! next sync, so one caller alone never waits.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use sqlx::{Connection, SqliteConnection, query};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::group::{self, Answer, Trouble};
use crate::{
    fence::Fence,
    unit::{CommitError, Unit},
};

/// At most this many units share a commit: more raises latency, not throughput.
const GROUP: usize = 256;
/// Places of a group that background units find free however many others wait.
const KEPT_FOR_BACKGROUND: usize = 32;

/// A unit and who waits for it.
pub(super) struct Job {
    /// About how many bytes it adds to the log.
    pub(super) bytes: usize,
    pub(super) unit: Unit,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What the writer, the checkpointer and the callers know of each other.
#[derive(Default)]
pub(super) struct Shared {
    /// Why nothing is acknowledged any more; set once, for good.
    pub(super) broken: OnceLock<String>,
    /// Commits so far.
    pub(super) commits: AtomicU64,
    /// The log has grown so far that the writer has to finish its checkpoint.
    pub(super) log_is_long: AtomicBool,
}

impl Shared {
    /// The answer to everyone once the disk has failed.
    pub(super) fn refusal(&self) -> Option<CommitError> {
        self.broken.get().map(|why| CommitError::Unavailable(why.clone()))
    }
}

/// Owns the connection that writes.
pub(super) struct Writer {
    pub(super) conn: SqliteConnection,
    pub(super) fence: Fence,
    pub(super) interactive: mpsc::Receiver<Job>,
    pub(super) background: mpsc::Receiver<Job>,
    pub(super) shared: Arc<Shared>,
    /// From this many bytes on a group takes no further unit.
    pub(super) group_bytes: usize,
    pub(super) closing: CancellationToken,
    /// Held until the last write is done.
    pub(super) folder: super::folder::Lock,
}

impl Writer {
    /// Runs until the store is closed or dropped, and what has queued is written.
    pub(super) async fn run(mut self) {
        let (mut units, mut answers) = (Vec::with_capacity(GROUP), Vec::with_capacity(GROUP));
        while self.take(&mut units, &mut answers).await {
            self.write(&units, &mut answers).await;
            units.clear();
        }
        // Best effort: whatever stays in the log is read from it at the next start.
        if self.shared.broken.get().is_none() {
            _ = query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.conn).await;
        }
        _ = self.conn.close().await;
        drop(self.folder);
    }

    /// Waits for a unit and takes those that wait with it; `false` at the end.
    async fn take(&mut self, units: &mut Vec<Unit>, answers: &mut Vec<oneshot::Sender<Answer>>) -> bool {
        let first = loop {
            tokio::select! {
                biased;
                () = self.closing.cancelled(), if !self.interactive.is_closed() => {
                    self.interactive.close();
                    self.background.close();
                }
                Some(job) = self.interactive.recv() => break job,
                Some(job) = self.background.recv() => break job,
                else => return false,
            }
        };
        let mut bytes = 0;
        let mut put = |job: Job| {
            bytes += job.bytes;
            units.push(job.unit);
            answers.push(job.answer);
            (units.len(), bytes)
        };
        let mut taken = put(first);
        let fits = |taken: (usize, usize), units, bytes| taken.0 < units && taken.1 < bytes;
        let (units, bytes) = (GROUP - KEPT_FOR_BACKGROUND, self.group_bytes / 8 * 7);
        while fits(taken, units, bytes)
            && let Ok(job) = self.interactive.try_recv()
        {
            taken = put(job);
        }
        // One always finds room, whatever the size of those before.
        let mut first = true;
        while (first || fits(taken, GROUP, self.group_bytes))
            && let Ok(job) = self.background.try_recv()
        {
            (taken, first) = (put(job), false);
        }
        while fits(taken, GROUP, self.group_bytes)
            && let Ok(job) = self.interactive.try_recv()
        {
            taken = put(job);
        }
        true
    }

    /// Commits a group and answers everyone in it.
    async fn write(&mut self, units: &[Unit], answers: &mut Vec<oneshot::Sender<Answer>>) {
        if let Some(refusal) = self.shared.refusal() {
            return refuse(answers, &refusal);
        }
        if self.shared.log_is_long.swap(false, Ordering::AcqRel) {
            // Nobody else writes now, so the log can be emptied to its end and begun anew.
            _ = query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut self.conn).await;
        }
        match group::commit(&mut self.conn, units, &mut self.fence).await {
            Ok(done) => {
                self.shared.commits.fetch_add(1, Ordering::Release);
                for (answer, to) in done.into_iter().zip(answers.drain(..)) {
                    _ = to.send(answer);
                }
            }
            Err(Trouble::Refused(why)) => refuse(answers, &CommitError::Full(why)),
            Err(Trouble::Broken(why)) => {
                tracing::error!(error = %why, "the database failed; nothing is acknowledged any more");
                let why = format!("{why}; check the disk, then restart Bursar");
                let why = self.shared.broken.get_or_init(|| why).clone();
                refuse(answers, &CommitError::Unavailable(why));
            }
        }
    }
}

fn refuse(answers: &mut Vec<oneshot::Sender<Answer>>, with: &CommitError) {
    for to in answers.drain(..) {
        _ = to.send(Err(with.clone()));
    }
}
