//! The limiter: Stripe's limits for each account and mode, and a queue in front of each.
//!
//! A request pays from every bucket that it falls under or from none: the total, its
//! kind (read or write), its operation, searches; and it holds one of the places for
//! requests under way until its answer is there. Bursts are at most 5. What would
//! surprise: all this runs on elapsed time and not on the wall clock, so that a clock
//! set back by a year does not stop every call.

mod bucket;
mod buckets;
mod lane;
mod limits;
mod queue;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{AccountId, Binding, Mode};
use stripe::Answer;

use self::{buckets::Buckets, lane::Lane};

pub(crate) use self::{buckets::Errand, lane::Permit, queue::Rank};
pub use limits::Limits;

/// How long a bucket rests after a 429 that names no time.
const REST: Duration = Duration::from_secs(1);

/// No `Retry-After` is obeyed beyond this; what follows is another 429 at worst.
const REST_MAX: Duration = Duration::from_secs(600);

/// Lanes that nobody uses are looked for when there are this many.
const LANES: usize = 64;

/// The buckets of every account and mode, and who waits for them.
pub(crate) struct Limiter {
    limits: Limits,
    lanes: Mutex<Lanes>,
}

#[derive(Default)]
struct Lanes {
    of: HashMap<(AccountId, Mode), Arc<Lane>>,
    /// Lanes nobody uses any more are forgotten when there are this many.
    tidy_at: usize,
}

impl Limiter {
    /// A limiter with full buckets.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, lanes: Mutex::default() }
    }

    /// Waits until a request may go, by rank, fair among companies. The permit is held
    /// until the answer is there; `None` where nothing is limited. Dropping it gives
    /// the place in the queue up.
    pub(crate) async fn admit(&self, of: &Binding, errand: Errand, rank: Rank) -> Option<Permit> {
        match self.lane(of) {
            Some(lane) => Some(lane.admit(of.company, errand, rank).await),
            None => None,
        }
    }

    /// Obeys a 429: what it names rests for as long as it says.
    pub(crate) fn obey(&self, of: &Binding, errand: Errand, answer: &Answer) {
        let rest = answer.headers.retry_after.unwrap_or(REST).min(REST_MAX);
        if let Some(lane) = self.lane(of) {
            lane.obey(errand, answer, rest);
        }
    }

    fn lane(&self, of: &Binding) -> Option<Arc<Lane>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (of.account.clone(), of.mode);
        if let Some(lane) = lanes.of.get(&place) {
            return Some(lane.clone());
        }
        let lane = Arc::new(Lane::new(Buckets::new(&self.limits, of.mode)?));
        lanes.make_room();
        lanes.of.insert(place, lane.clone());
        Some(lane)
    }
}

impl Lanes {
    fn make_room(&mut self) {
        if self.of.len() >= self.tidy_at {
            // Who holds a permit or waits holds the lane.
            self.of.retain(|_, lane| Arc::strong_count(lane) > 1 || !lane.is_fresh());
            self.tidy_at = (2 * self.of.len()).max(LANES);
        }
    }
}

#[cfg(test)]
mod tests;
