//! A store whose settling commits can give no answer, done or not.

use std::sync::{Arc, Mutex};

use store::*;

/// What becomes of a settling commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Commit {
    /// Done, and the answer is lost.
    DoneUnanswered,
    /// Not done, and the answer is lost.
    NotDoneUnanswered,
}

/// The store in memory, with an eye and a hand on its commits.
pub(crate) struct Faulty {
    pub(crate) inner: Arc<Memory>,
    /// What becomes of the next settling units, in order.
    pub(crate) faults: Mutex<Vec<Commit>>,
    /// Every unit that was done, in order.
    pub(crate) done: Mutex<Vec<Unit>>,
    /// Whether intents cannot be read any more.
    pub(crate) damaged: std::sync::atomic::AtomicBool,
}

impl Faulty {
    pub(crate) fn new(inner: Memory) -> Self {
        Self {
            inner: Arc::new(inner),
            faults: Mutex::default(),
            done: Mutex::default(),
            damaged: false.into(),
        }
    }

    /// The units done that settle or park something.
    pub(crate) fn settling(&self) -> Vec<Unit> {
        self.done.lock().unwrap().iter().filter(|unit| settles(unit)).cloned().collect()
    }
}

fn settles(unit: &Unit) -> bool {
    let settles = |w: &Write| matches!(w, Write::SettleIntent { .. } | Write::ParkIntent { .. });
    unit.writes.iter().any(settles)
}

macro_rules! reads {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $($arg: $kind),*) -> BoxFuture<'_, Result<$out, ReadError>> {
            if stringify!($name) == "intent" && self.damaged.load(std::sync::atomic::Ordering::SeqCst) {
                let damaged = ReadError::Damaged { table: "intents", id: "the one".into() };
                return Box::pin(async { Err(damaged) });
            }
            self.inner.$name($($arg),*)
        })*
    };
}

impl Backend for Faulty {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        Box::pin(async move {
            let begins = unit.writes.iter().any(|w| matches!(w, Write::BeginIntent(_)));
            if begins && self.damaged.load(std::sync::atomic::Ordering::SeqCst) {
                return Err(CommitError::Unavailable("a damaged row".into()));
            }
            let fault = {
                let mut faults = self.faults.lock().unwrap();
                if settles(&unit) && !faults.is_empty() { Some(faults.remove(0)) } else { None }
            };
            let unanswered = Err(CommitError::Unavailable("no answer".into()));
            if fault == Some(Commit::NotDoneUnanswered) {
                return unanswered;
            }
            let answer = self.inner.commit(unit.clone()).await?;
            self.done.lock().unwrap().push(unit);
            if fault.is_some() { unanswered } else { Ok(answer) }
        })
    }

    store::each_read!(reads);
}
