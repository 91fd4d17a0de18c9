//! A store over another: it passes everything on, and either times the commits or
//! lets receipts vanish, so that the rest of a path can be seen apart from the disk.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use store::{Backend, BoxFuture, CommitError, Effected, ReadError, Store, Unit, Write};
use tokio::time::Instant;

/// What happens to commits.
pub(crate) enum Commits {
    /// They are made, and each one's time is noted.
    Timed(Mutex<Vec<Duration>>),
    /// Units of receipts alone are answered at once and kept nowhere.
    WithoutReceipts,
}

/// The store over another.
pub(crate) struct Over {
    inner: Store,
    commits: Commits,
}

impl Over {
    pub(crate) fn timed(inner: Store) -> Self {
        Self { inner, commits: Commits::Timed(Mutex::default()) }
    }

    pub(crate) fn without_receipts(inner: Store) -> Self {
        Self { inner, commits: Commits::WithoutReceipts }
    }

    /// The times since they were last taken.
    pub(crate) fn take_times(&self) -> Vec<Duration> {
        match &self.commits {
            Commits::Timed(times) => {
                std::mem::take(&mut times.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Commits::WithoutReceipts => Vec::new(),
        }
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $kind),*) -> BoxFuture<'_, Result<$out, ReadError>> {
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Over {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        match &self.commits {
            Commits::Timed(times) => Box::pin(async move {
                let begun = Instant::now();
                let done = self.inner.commit(unit).await;
                times.lock().unwrap_or_else(PoisonError::into_inner).push(begun.elapsed());
                done
            }),
            Commits::WithoutReceipts => Box::pin(async move {
                if !unit.writes.iter().all(|write| matches!(write, Write::Receive(_))) {
                    return self.inner.commit(unit).await;
                }
                let vanish = |write| match write {
                    Write::Receive(receipt) => Effected::Received { receipt: Box::new(receipt), fresh: true },
                    _ => Effected::Done,
                };
                Ok(unit.writes.into_iter().map(vanish).collect())
            }),
        }
    }

    store::each_read!(pass_on);
}
