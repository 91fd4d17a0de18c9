//! Who is being driven: at most one task per run.
//!
//! Waking a run that is being driven leaves a mark instead of a second task; the
//! task looks again before it leaves, so no wake is lost.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use model::RunId;
use tokio::sync::Notify;

/// The place of one driven run.
#[derive(Default)]
pub(crate) struct Slot {
    again: AtomicBool,
    told: Notify,
}

impl Slot {
    /// Takes the mark that somebody woke the run meanwhile.
    pub(crate) fn take_again(&self) -> bool {
        self.again.swap(false, Ordering::SeqCst)
    }

    /// Returns when somebody wakes the run. The mark stays.
    pub(crate) async fn told(&self) {
        self.told.notified().await;
    }
}

/// The places of all driven runs.
#[derive(Default)]
pub(crate) struct Slots {
    driven: Mutex<HashMap<RunId, Arc<Slot>>>,
    left: Notify,
}

impl Slots {
    /// A new place to be driven, or `None` when a task has the run and was told.
    pub(crate) fn enter(&self, run: RunId) -> Option<Arc<Slot>> {
        let mut driven = self.driven.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = driven.get(&run) {
            slot.again.store(true, Ordering::SeqCst);
            slot.told.notify_one();
            return None;
        }
        let slot = Arc::new(Slot::default());
        driven.insert(run, slot.clone());
        Some(slot)
    }

    /// Takes the place of a run that no task has. Unlike [`Slots::enter`] it leaves no
    /// mark on a place that is taken.
    pub(crate) fn take(&self, run: RunId) -> bool {
        let mut driven = self.driven.lock().unwrap_or_else(PoisonError::into_inner);
        let free = !driven.contains_key(&run);
        if free {
            driven.insert(run, Arc::new(Slot::default()));
        }
        free
    }

    /// Returns when some place is given up.
    pub(crate) async fn someone_left(&self) {
        self.left.notified().await;
    }

    /// Gives the place up; refuses when the run was told something meanwhile.
    pub(crate) fn leave(&self, run: RunId) -> bool {
        let mut driven = self.driven.lock().unwrap_or_else(PoisonError::into_inner);
        if driven.get(&run).is_some_and(|slot| slot.take_again()) {
            return false;
        }
        driven.remove(&run);
        drop(driven);
        self.left.notify_waiters();
        true
    }

    /// Gives the place up whatever was told; for a driver that stops.
    pub(crate) fn abandon(&self, run: RunId) {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
        self.left.notify_waiters();
    }

    fn is_empty(&self) -> bool {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Returns when no run is being driven.
    pub(crate) async fn until_empty(&self) {
        loop {
            let left = self.left.notified();
            if self.is_empty() {
                return;
            }
            left.await;
        }
    }
}
