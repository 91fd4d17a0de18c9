//! When to look at sleeping runs again.
//!
//! Only a memory of the store's timers: a moment here wakes a run, and the run then
//! reads its timers from the store and decides by the clock. A moment too many is
//! harmless; looking at a run puts its moments back.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{RunId, Timestamp};
use tokio::sync::Notify;

/// The longest sleep without looking at the clock, which may jump.
const RECHECK: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Timers {
    moments: Mutex<BTreeSet<(Timestamp, RunId)>>,
    changed: Notify,
}

impl Timers {
    pub(crate) fn add(&self, at: Timestamp, run: RunId) {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let first = moments.first().is_none_or(|(earliest, _)| at < *earliest);
        moments.insert((at, run));
        drop(moments);
        if first {
            self.changed.notify_one();
        }
    }

    /// Takes the runs whose moment has come.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<RunId> {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        while let Some((at, run)) = moments.first().copied() {
            if at > now {
                break;
            }
            moments.pop_first();
            due.push(run);
        }
        due
    }

    /// Whether a moment has come that nobody has taken.
    pub(crate) fn any_due(&self, now: Timestamp) -> bool {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner).first().is_some_and(|(at, _)| *at <= now)
    }

    /// Sleeps until the next moment may have come.
    pub(crate) async fn rest(&self, now: Timestamp) {
        let next = self.moments.lock().unwrap_or_else(PoisonError::into_inner).first().map(|(at, _)| *at);
        let wait = next.map_or(RECHECK, |at| {
            // Rounded up, so that one sleep is enough.
            let millis = at.as_millisecond().saturating_sub(now.as_millisecond()).saturating_add(1);
            Duration::from_millis(u64::try_from(millis).unwrap_or(1)).min(RECHECK)
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.changed.notified() => {}
        }
    }
}
