//! Who waits for the buckets of one account and mode.
//!
//! One of those who wait watches the time for all (the pump) and hands that on when
//! it leaves, even by being dropped; nobody else wakes for nothing. What would
//! surprise: a read that has to wait does not hold up a write behind it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{CompanyId, Timestamp};
use tokio::sync::{Notify, oneshot};

use crate::{Admission, Bucket, Class, admit, limiter::BURST_MAX};

/// The buckets and queues of one account and mode.
pub(crate) struct Lane {
    state: Mutex<State>,
    /// Somebody new waits: the pump looks again.
    joined: Notify,
    /// The pump has left: another one takes over.
    left: Notify,
}

struct State {
    total: Bucket,
    read: Bucket,
    write: Bucket,
    /// Interactive, then background.
    rings: [Ring; 2],
    pumped: bool,
}

/// Companies that wait, each in its turn, and whom they have waiting.
#[derive(Default)]
struct Ring {
    turns: VecDeque<CompanyId>,
    waiting: HashMap<CompanyId, VecDeque<Waiter>>,
}

struct Waiter {
    write: bool,
    go: oneshot::Sender<()>,
}

impl Lane {
    pub(crate) fn new(total: f64, read: f64, write: f64) -> Self {
        let bucket = |rate| Bucket::new(rate, BURST_MAX);
        let rings = [Ring::default(), Ring::default()];
        let state =
            State { total: bucket(total), read: bucket(read), write: bucket(write), rings, pumped: false };
        Self { state: Mutex::new(state), joined: Notify::new(), left: Notify::new() }
    }

    pub(crate) async fn admit(
        &self,
        now: &(dyn Fn() -> Timestamp + Sync),
        company: CompanyId,
        write: bool,
        class: Class,
    ) {
        let (go, mut admitted) = oneshot::channel();
        {
            let mut state = self.state();
            state.rings[usize::from(class == Class::Background)].join(company, Waiter { write, go });
            state.pump(now());
        }
        self.joined.notify_one();
        loop {
            if admitted.try_recv().is_ok() {
                return;
            }
            let Some(pump) = Pump::of(self) else {
                tokio::select! {
                    _ = &mut admitted => return,
                    () = self.left.notified() => continue,
                }
            };
            pump.run(now, &mut admitted).await;
            return;
        }
    }

    pub(crate) fn rest_total(&self, until: Timestamp) {
        self.state().total.rest_until(until);
    }

    pub(crate) fn rest_kind(&self, write: bool, until: Timestamp) {
        let mut state = self.state();
        if write { state.write.rest_until(until) } else { state.read.rest_until(until) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one that watches the time.
struct Pump<'a>(&'a Lane);

impl<'a> Pump<'a> {
    fn of(lane: &'a Lane) -> Option<Self> {
        let pumped = std::mem::replace(&mut lane.state().pumped, true);
        (!pumped).then_some(Self(lane))
    }

    /// Admits whoever may go until its own turn has come.
    async fn run(&self, now: &(dyn Fn() -> Timestamp + Sync), admitted: &mut oneshot::Receiver<()>) {
        loop {
            let wait = self.0.state().pump(now());
            if admitted.try_recv().is_ok() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.joined.notified() => {}
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
    fn pump(&mut self, now: Timestamp) -> Duration {
        let mut again = Duration::from_secs(1);
        let Self { total, read, write, rings, .. } = self;
        for ring in rings {
            while let Some((at, waiter)) = ring.next(|waiter| {
                let kind = if waiter.write { &mut *write } else { &mut *read };
                match admit(now, &mut [total, kind]) {
                    Admission::Now => true,
                    Admission::After(wait) => {
                        again = again.min(wait);
                        false
                    }
                }
            }) {
                ring.turn(at);
                // One who left in this very moment wastes a token, which harms nobody.
                let _ = waiter.go.send(());
            }
        }
        again
    }
}

impl Ring {
    fn join(&mut self, company: CompanyId, waiter: Waiter) {
        let queue = self.waiting.entry(company).or_insert_with(|| {
            self.turns.push_back(company);
            VecDeque::new()
        });
        queue.push_back(waiter);
    }

    /// Takes the first head, in order of turns, that may go; forgets who has left.
    fn next(&mut self, mut may_go: impl FnMut(&Waiter) -> bool) -> Option<(usize, Waiter)> {
        let waiting = &mut self.waiting;
        self.turns.retain(|company| {
            let Some(queue) = waiting.get_mut(company) else { return false };
            while queue.front().is_some_and(|waiter| waiter.go.is_closed()) {
                queue.pop_front();
            }
            if queue.is_empty() {
                waiting.remove(company);
            }
            waiting.contains_key(company)
        });
        for (at, company) in self.turns.iter().enumerate() {
            let queue = self.waiting.get_mut(company)?;
            if queue.front().is_some_and(&mut may_go) {
                return queue.pop_front().map(|waiter| (at, waiter));
            }
        }
        None
    }

    /// Puts a company behind the others.
    fn turn(&mut self, at: usize) {
        if let Some(company) = self.turns.remove(at) {
            self.turns.push_back(company);
        }
    }
}
