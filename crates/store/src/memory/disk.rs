//! A simulated disk: what is written is volatile until it is synced.
//!
//! Guards see everything written, readers see what is synced, and callers hear of
//! their unit when it is synced: exactly as with a database that commits in
//! groups. A refusal is answered in its turn as well, because it may rest on a
//! unit that a crash still takes away.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::{apply::apply_unit, state::State};
use crate::unit::{CommitError, Effected, Refusal, Unit, Write};

pub(super) type Answer = Result<Vec<Effected>, CommitError>;

/// A unit that is written and not synced, and who waits for it.
struct Pending {
    /// `None` when it was refused.
    unit: Option<Unit>,
    answer: Answer,
    to: oneshot::Sender<Answer>,
}

/// The disk of one process.
pub(super) struct Disk {
    durable: State,
    latest: State,
    pending: VecDeque<Pending>,
    /// Whoever waited when the process died waits forever.
    abandoned: Vec<Pending>,
    rng: fastrand::Rng,
    pub(super) syncing: bool,
    pub(super) crashed: bool,
}

impl Disk {
    /// A disk that holds this and nothing unsynced.
    pub(super) fn new(durable: State, seed: u64) -> Self {
        let (latest, rng) = (durable.clone(), fastrand::Rng::with_seed(seed));
        Self {
            durable,
            latest,
            pending: VecDeque::new(),
            abandoned: Vec::new(),
            rng,
            syncing: false,
            crashed: false,
        }
    }

    /// What a reader sees.
    pub(super) fn durable(&self) -> &State {
        &self.durable
    }

    /// Writes a unit; its answer comes when it is synced.
    pub(super) fn write(&mut self, unit: Unit) -> oneshot::Receiver<Answer> {
        let answer = apply_unit(&mut self.latest, &unit);
        if let Err(CommitError::Refused { write, why }) = &answer
            && *why != Refusal::Removed
            && (*write > 0 || matches!(unit.writes.first(), Some(Write::Dispatch { .. })))
        {
            self.undo_last();
        }
        let unit = answer.is_ok().then_some(unit);
        let (to, answered) = oneshot::channel();
        self.pending.push_back(Pending { unit, answer, to });
        answered
    }

    /// Forgets a unit that was refused half way. Rare, so it may cost a copy.
    fn undo_last(&mut self) {
        self.latest = self.durable.clone();
        for unit in self.pending.iter().filter_map(|pending| pending.unit.as_ref()) {
            _ = apply_unit(&mut self.latest, unit);
        }
    }

    /// How many units the sync that begins now covers, and how long it takes.
    pub(super) fn begin_sync(&mut self, longest_ms: u64) -> Option<(usize, u64)> {
        self.syncing = !self.crashed && !self.pending.is_empty();
        self.syncing.then(|| (self.pending.len(), self.rng.u64(0..=longest_ms)))
    }

    /// Makes the oldest units durable and answers them; unless the process has died.
    pub(super) fn end_sync(&mut self, units: usize) {
        if self.crashed {
            return;
        }
        for pending in self.pending.drain(..units) {
            if let Some(unit) = &pending.unit {
                _ = apply_unit(&mut self.durable, unit);
            }
            _ = pending.to.send(pending.answer);
        }
    }

    /// Ends the process. Returns what the next one finds, how many units are lost,
    /// and a seed. Of the unsynced units a prefix got through: nobody knows how many.
    pub(super) fn crash(&mut self, loses_nothing: bool) -> (State, u64, u64) {
        self.crashed = true;
        self.latest = State::default();
        let units: Vec<_> = self.pending.iter().filter_map(|pending| pending.unit.as_ref()).collect();
        let kept = if loses_nothing { units.len() } else { self.rng.usize(0..=units.len()) };
        for unit in &units[..kept] {
            _ = apply_unit(&mut self.durable, unit);
        }
        let lost = units.len() - kept;
        self.abandoned.extend(self.pending.drain(..));
        (self.durable.clone(), lost as u64, self.rng.u64(..))
    }
}
