//! A store that fails on command, around another one.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use store::*;

/// What becomes of the commit that is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The process dies and the unit was not written.
    DiesBefore,
    /// The process dies and the unit was written.
    DiesAfter,
    /// The store says "unknown" once; the unit was not written.
    UnknownBefore,
    /// The store says "unknown" once; the unit was written.
    UnknownAfter,
    /// The disk is full once.
    Full,
}

/// When and how.
pub(super) struct Plan {
    /// Commits so far.
    pub(super) commits: AtomicU64,
    /// The commit that fails, from 1; 0 is none.
    at: u64,
    trouble: Trouble,
    dead: AtomicBool,
}

impl Plan {
    pub(super) fn new(at: u64, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self { commits: AtomicU64::new(0), at, trouble, dead: AtomicBool::new(false) })
    }

    pub(super) fn none() -> Arc<Self> {
        Self::new(0, Trouble::DiesBefore)
    }

    pub(super) fn dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    pub(super) fn revive(&self) {
        self.dead.store(false, Ordering::SeqCst);
    }
}

pub(super) struct Troubled {
    pub(super) inner: Arc<Memory>,
    pub(super) plan: Arc<Plan>,
}

impl Troubled {
    async fn write(&self, unit: Unit) -> Result<Vec<Effected>, CommitError> {
        let unknown = || Err(CommitError::Unavailable("the test says so".into()));
        if self.plan.dead() {
            return unknown();
        }
        let n = self.plan.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if n != self.plan.at {
            return self.inner.commit(unit).await;
        }
        match self.plan.trouble {
            Trouble::Full => return Err(CommitError::Full("the test says so".into())),
            Trouble::UnknownBefore => {}
            Trouble::DiesBefore => self.plan.dead.store(true, Ordering::SeqCst),
            Trouble::UnknownAfter => drop(self.inner.commit(unit).await),
            Trouble::DiesAfter => {
                drop(self.inner.commit(unit).await);
                self.plan.dead.store(true, Ordering::SeqCst);
            }
        }
        unknown()
    }
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $type),*) -> BoxFuture<'_, Result<$out, ReadError>> {
            if self.plan.dead() {
                return Box::pin(async { Err(ReadError::Unavailable("the test says so".into())) });
            }
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Troubled {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        Box::pin(self.write(unit))
    }

    store::each_read!(reads);
}
