//! A database in memory that forgets what a power loss would take.
//!
//! For tests and the simulation: the same meaning as SQLite, no files, and a
//! crash whenever somebody asks for one.

mod apply;
mod backend;
mod disk;
mod purge;
mod settings;
mod state;
mod unclaimed;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio_util::task::TaskTracker;

use self::{disk::Disk, state::State};
use crate::{
    backend::ReadError,
    unit::{CommitError, Effected, Unit},
};

/// How a [`Memory`] behaves.
#[derive(Debug, Clone, Default)]
pub struct MemoryOptions {
    /// Decides how long syncs take and what a crash leaves.
    pub seed: u64,
    /// The longest sync, in milliseconds of tokio's time; with 0 a sync takes one
    /// turn of the scheduler.
    pub sync_ms_max: u64,
    /// A planted bug: crashes lose nothing. For the test that proves that the
    /// simulation would notice.
    pub loses_nothing: bool,
}

/// A store in memory. Needs a tokio runtime to commit.
pub struct Memory {
    disk: Arc<Mutex<Disk>>,
    options: MemoryOptions,
    lost: Arc<AtomicU64>,
    tasks: TaskTracker,
}

impl Memory {
    /// An empty store.
    pub fn new(options: MemoryOptions) -> Self {
        Self::holding(State::default(), options, Arc::default())
    }

    fn holding(state: State, options: MemoryOptions, lost: Arc<AtomicU64>) -> Self {
        let disk = Arc::new(Mutex::new(Disk::new(state, options.seed)));
        Self { disk, options, lost, tasks: TaskTracker::new() }
    }

    /// Kills the process that uses this store and opens what is left of it: what
    /// was synced and, of what was not, a random prefix. Commits under way on this
    /// handle never return; later ones, and reads, fail with `Unavailable`.
    #[must_use]
    pub fn crash(&self) -> Self {
        let (found, lost, seed) = self.lock().crash(self.options.loses_nothing);
        self.lost.fetch_add(lost, Ordering::Relaxed);
        Self::holding(found, MemoryOptions { seed, ..self.options.clone() }, self.lost.clone())
    }

    /// Units that crashes have taken away so far, over all lives of this store. A
    /// simulation whose crashes never lose anything proves little.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    async fn write(&self, unit: Unit) -> Result<Vec<Effected>, CommitError> {
        let (answered, begin) = {
            let mut disk = self.lock();
            if disk.crashed {
                return Err(CommitError::Unavailable("the process has crashed".into()));
            }
            let answered = disk.write(unit);
            (answered, !std::mem::replace(&mut disk.syncing, true))
        };
        if begin {
            self.tasks.spawn(sync(self.disk.clone(), self.options.sync_ms_max));
        }
        match answered.await {
            Ok(answer) => answer,
            // The process has died, and with it whoever waits here.
            Err(_) => std::future::pending().await,
        }
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, ReadError> {
        let disk = self.lock();
        if disk.crashed {
            return Err(ReadError::Unavailable("the process has crashed".into()));
        }
        Ok(read(disk.durable()))
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Syncs until nothing waits. What arrives during a sync shares the next one.
async fn sync(disk: Arc<Mutex<Disk>>, longest_ms: u64) {
    let lock = || disk.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        // Bound apart, so that the lock is free while the disk is busy.
        let next = lock().begin_sync(longest_ms);
        let Some((units, ms)) = next else { return };
        match ms {
            0 => tokio::task::yield_now().await,
            ms => tokio::time::sleep(Duration::from_millis(ms)).await,
        }
        lock().end_sync(units);
    }
}
