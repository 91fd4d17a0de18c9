//! Where a process can die, and its death.
//!
//! An incarnation reaches the outside through its store and its transport only, so
//! these two count the boundaries it passes. At the chosen one it dies: at that very
//! moment the store loses what was not synced, and whatever the incarnation still asks
//! for pends forever. Its tasks hang and are never heard of again, as after a SIGKILL.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

/// A boundary at which a process can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Boundary {
    /// A unit was made and not handed over.
    BeforeCommit,
    /// A unit was handed over; whether it got through is the disk's decision.
    DuringCommit,
    /// A unit is on disk and nobody was told.
    AfterCommit,
    /// A request was made and did not leave.
    BeforeSend,
    /// Stripe executed the request, and nobody heard the answer.
    AnswerLost,
    /// The answer came, and nothing was done about it.
    AfterAnswer,
}

impl Boundary {
    /// Every boundary.
    pub const ALL: [Self; 6] = [
        Self::BeforeCommit,
        Self::DuringCommit,
        Self::AfterCommit,
        Self::BeforeSend,
        Self::AnswerLost,
        Self::AfterAnswer,
    ];
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeCommit => "before a commit",
            Self::DuringCommit => "during a commit",
            Self::AfterCommit => "after a commit, before it was heard of",
            Self::BeforeSend => "before a request left",
            Self::AnswerLost => "after execution, the answer lost",
            Self::AfterAnswer => "after an answer",
        })
    }
}

/// A planned death: at the nth passage of a boundary, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    /// Where.
    pub at: Boundary,
    /// At which passage.
    pub nth: u32,
}

/// The life of one incarnation.
pub struct Gate {
    state: Mutex<State>,
    died: CancellationToken,
}

#[derive(Default)]
struct State {
    dead: Option<Boundary>,
    death: Option<Death>,
    passed: BTreeMap<Boundary, u32>,
    at_death: Option<Box<dyn FnOnce() + Send>>,
}

impl Gate {
    /// A living incarnation with no death planned. `at_death` runs in the moment of death.
    pub fn new(at_death: impl FnOnce() + Send + 'static) -> Self {
        let state = State { at_death: Some(Box::new(at_death)), ..State::default() };
        Self { state: Mutex::new(state), died: CancellationToken::new() }
    }

    /// Plans the death, or calls it off; counting begins now.
    pub fn plan(&self, death: Option<Death>) {
        let mut state = self.lock();
        state.death = death;
        state.passed.clear();
    }

    /// Returns at once while the incarnation lives, and never when it is dead.
    pub async fn alive(&self) {
        if self.is_dead() {
            std::future::pending().await
        }
    }

    /// Passes a boundary, or dies there.
    pub async fn pass(&self, at: Boundary) {
        if self.reaches(at) {
            self.kill(at);
        }
        self.alive().await;
    }

    /// Counts a passage and says whether the death is planned for it; the caller then
    /// kills when it has done what comes before.
    pub fn reaches(&self, at: Boundary) -> bool {
        let mut state = self.lock();
        if state.dead.is_some() {
            return false;
        }
        let passed = state.passed.entry(at).or_default();
        *passed += 1;
        let nth = *passed;
        state.death.is_some_and(|death| death.at == at && death.nth == nth)
    }

    /// Ends the incarnation. A dead one stays as it is.
    pub fn kill(&self, at: Boundary) {
        let at_death = {
            let mut state = self.lock();
            if state.dead.is_some() {
                return;
            }
            state.dead = Some(at);
            state.at_death.take()
        };
        if let Some(at_death) = at_death {
            at_death();
        }
        self.died.cancel();
    }

    /// Where it died, if it has.
    pub fn dead(&self) -> Option<Boundary> {
        self.lock().dead
    }

    fn is_dead(&self) -> bool {
        self.dead().is_some()
    }

    /// Returns when the incarnation has died.
    pub async fn died(&self) {
        self.died.cancelled().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
