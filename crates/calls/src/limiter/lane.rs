//! One account and mode: its buckets, and those who wait for them.
//!
//! One of those who wait watches the time for all (the pump) and hands that on when
//! it leaves, even by being dropped; nobody else wakes for nothing.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{CompanyId, Timestamp};
use stripe::Answer;
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use super::{
    bucket::Admission,
    buckets::{Buckets, Errand},
    queue::{Queue, Rank, Waiting},
};

/// The pump looks again after this long at the latest.
const IDLE: Duration = Duration::from_secs(1);

/// The buckets and the queue of one account and mode.
pub(crate) struct Lane {
    began: Instant,
    state: Mutex<State>,
    /// Somebody new waits, or a request has ended: the pump looks again.
    changed: Notify,
    /// The pump has left: another one takes over.
    left: Notify,
}

struct State {
    buckets: Buckets,
    queue: Queue<Waiter>,
    pumped: bool,
}

struct Waiter(oneshot::Sender<Permit>);

impl Waiting for Waiter {
    fn has_left(&self) -> bool {
        self.0.is_closed()
    }
}

/// A place among the requests under way; free again when it is dropped.
pub(crate) struct Permit(Option<Arc<Lane>>);

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(lane) = self.0.take() {
            lane.state().buckets.release();
            lane.changed.notify_one();
        }
    }
}

impl Lane {
    pub(crate) fn new(buckets: Buckets) -> Self {
        let state = State { buckets, queue: Queue::new(), pumped: false };
        Self { began: Instant::now(), state: Mutex::new(state), changed: Notify::new(), left: Notify::new() }
    }

    /// Waits for its turn. Dropping it gives the place in the queue up.
    pub(crate) async fn admit(self: &Arc<Self>, company: CompanyId, errand: Errand, rank: Rank) -> Permit {
        let (go, mut admitted) = oneshot::channel();
        {
            let mut state = self.state();
            state.queue.join(rank, company, errand, Waiter(go));
            state.pump(self);
        }
        self.changed.notify_one();
        loop {
            if let Ok(permit) = admitted.try_recv() {
                return permit;
            }
            let Some(pump) = Pump::of(self) else {
                tokio::select! {
                    Ok(permit) = &mut admitted => return permit,
                    () = self.left.notified() => continue,
                }
            };
            return pump.run(&mut admitted).await;
        }
    }

    /// Obeys a 429, for this long.
    pub(crate) fn obey(&self, errand: Errand, answer: &Answer, rest: Duration) {
        let now = self.now();
        let until = now.checked_add(rest).unwrap_or(Timestamp::MAX);
        self.state().buckets.obey(now, errand, answer, until);
    }

    /// Whether forgetting it would change nothing.
    pub(crate) fn is_fresh(&self) -> bool {
        let mut state = self.state();
        state.queue.is_empty() && state.buckets.are_fresh(self.now())
    }

    /// The time since it began, as a moment: no wall clock decides.
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH.checked_add(self.began.elapsed()).unwrap_or(Timestamp::MAX)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one that watches the time.
struct Pump<'a>(&'a Arc<Lane>);

impl<'a> Pump<'a> {
    fn of(lane: &'a Arc<Lane>) -> Option<Self> {
        let pumped = std::mem::replace(&mut lane.state().pumped, true);
        // Not made in vain: one that is dropped hands the watch on.
        (!pumped).then(|| Self(lane))
    }

    /// Admits whoever may go until its own turn has come.
    async fn run(&self, admitted: &mut oneshot::Receiver<Permit>) -> Permit {
        loop {
            let wait = self.0.state().pump(self.0);
            if let Ok(permit) = admitted.try_recv() {
                return permit;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.changed.notified() => {}
            }
        }
    }
}

impl Drop for Pump<'_> {
    fn drop(&mut self) {
        self.0.state().pumped = false;
        self.0.left.notify_one();
    }
}

impl State {
    /// Admits whoever may go now and says when to look again.
    fn pump(&mut self, lane: &Arc<Lane>) -> Duration {
        let (now, mut again, mut blocked) = (lane.now(), IDLE, HashSet::new());
        let Self { buckets, queue, .. } = self;
        // What cannot go now cannot go until the time has moved: tokens only get fewer.
        let mut may_go = |errand| {
            if blocked.contains(&errand) {
                return false;
            }
            match buckets.admit(now, errand) {
                Admission::Now => return true,
                Admission::After(wait) => again = again.min(wait),
                Admission::Occupied => {}
            }
            blocked.insert(errand);
            false
        };
        let mut admitted = Vec::new();
        while let Some(waiter) = queue.next(&mut may_go) {
            admitted.push(waiter);
        }
        for Waiter(go) in admitted {
            if let Err(mut permit) = go.send(Permit(Some(lane.clone()))) {
                // It left in this very moment: its tokens are wasted, its place is not.
                permit.0 = None;
                self.buckets.release();
            }
        }
        again
    }
}

#[cfg(test)]
mod tests {
    use model::Mode;

    use super::*;
    use crate::Limits;

    #[tokio::test]
    async fn one_watches_the_time_and_who_asks_in_vain_does_not_take_it_away() {
        let lane = Arc::new(Lane::new(Buckets::new(&Limits::default(), Mode::Live).unwrap()));
        let watching = Pump::of(&lane);
        assert!(watching.is_some() && Pump::of(&lane).is_none() && Pump::of(&lane).is_none());
        drop(watching);
        assert!(Pump::of(&lane).is_some());
    }
}
