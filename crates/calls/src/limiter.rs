//! The limiter: a pure decision over buckets, and a queue in front of it.
//!
//! One process's share of Stripe's limits: all configurable, bursts at most 5.
//! What would surprise: it runs on elapsed time and not on the wall clock, so that a
//! clock set back by a year does not stop every call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{AccountId, Binding, Mode, Timestamp};
use tokio::time::Instant;

use crate::{Class, lane::Lane};

/// The most that any bucket saves up.
pub(crate) const BURST_MAX: f64 = 5.0;

/// How long a bucket rests after a 429 that names no time.
const REST: Duration = Duration::from_secs(1);

/// A token bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Tokens per second.
    pub per_second: f64,
    /// The most that can be saved up.
    pub burst: f64,
    level: f64,
    filled_at: Option<Timestamp>,
    rests_until: Option<Timestamp>,
}

/// Whether a call may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Now; every bucket has paid.
    Now,
    /// Not before this long; no bucket has paid.
    After(Duration),
}

/// The rates per account and mode.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold; per second")]
pub struct Limits {
    pub total_live: f64,
    pub total_test: f64,
    pub read: f64,
    pub write: f64,
}

impl Default for Limits {
    /// Stripe's present limits: 100/s in all live, 25/s test; reads and writes 100/s each.
    fn default() -> Self {
        Self { total_live: 100.0, total_test: 25.0, read: 100.0, write: 100.0 }
    }
}

impl Bucket {
    /// A full bucket. A rate outside 0.01 to 1,000,000 per second is moved to the
    /// nearer end; a burst is at least one token.
    pub fn new(per_second: f64, burst: f64) -> Self {
        let per_second = per_second.clamp(0.01, 1e6);
        let per_second = if per_second.is_finite() { per_second } else { 0.01 };
        let burst = if burst >= 1.0 { burst } else { 1.0 };
        Self { per_second, burst, level: burst, filled_at: None, rests_until: None }
    }

    /// Gives nothing before this moment, because Stripe said so.
    pub fn rest_until(&mut self, until: Timestamp) {
        self.rests_until = self.rests_until.max(Some(until));
    }

    fn refill(&mut self, now: Timestamp) {
        let before = self.filled_at.replace(now).unwrap_or(now);
        let elapsed = Duration::try_from(now.duration_since(before)).unwrap_or_default();
        self.level = self.burst.min(self.level + elapsed.as_secs_f64() * self.per_second);
    }

    /// How long until it has a token.
    fn lacks(&self, now: Timestamp) -> Duration {
        let rest = self.rests_until.map_or(Duration::ZERO, |until| {
            Duration::try_from(until.duration_since(now)).unwrap_or_default()
        });
        if self.level >= 1.0 {
            return rest;
        }
        // Rounded up, so that who sleeps this long finds the token there.
        let missing = (1.0 - self.level) / self.per_second;
        rest.max(Duration::from_secs_f64(missing) + Duration::from_micros(1))
    }
}

/// Takes a token from all buckets or from none.
pub fn admit(now: Timestamp, buckets: &mut [&mut Bucket]) -> Admission {
    let mut wait = Duration::ZERO;
    for bucket in buckets.iter_mut() {
        bucket.refill(now);
        wait = wait.max(bucket.lacks(now));
    }
    if !wait.is_zero() {
        return Admission::After(wait);
    }
    for bucket in buckets {
        bucket.level -= 1.0;
    }
    Admission::Now
}

/// The buckets of every account and mode, and who waits for them.
pub struct Limiter {
    limits: Limits,
    local: Option<f64>,
    began: Instant,
    lanes: Mutex<HashMap<(AccountId, Mode), Arc<Lane>>>,
}

impl Limiter {
    /// A limiter with full buckets. Mode `local` has none, unless a total per second
    /// is given for it.
    pub fn new(limits: Limits, local: Option<f64>) -> Self {
        Self { limits, local, began: Instant::now(), lanes: Mutex::default() }
    }

    /// Waits until a call may go, interactive ones first, fair among companies.
    /// Dropping it gives the place in the queue up.
    pub async fn admit(&self, of: &Binding, write: bool, class: Class) {
        if let Some(lane) = self.lane(of) {
            lane.admit(&|| self.now(), of.company, write, class).await;
        }
    }

    /// Obeys a 429: rests the bucket that Stripe's reason names (Stripe's API, Rate
    /// limits). A lock or a limit of one object rests nothing: that call alone waits.
    pub fn obey(&self, of: &Binding, write: bool, reason: Option<&str>, retry_after: Option<Duration>) {
        let Some(lane) = self.lane(of) else { return };
        let until = self.now().checked_add(retry_after.unwrap_or(REST)).unwrap_or(Timestamp::MAX);
        match reason {
            Some("global-rate" | "global-concurrency") => lane.rest_total(until),
            Some("endpoint-rate" | "endpoint-concurrency") => lane.rest_kind(write, until),
            _ => {}
        }
    }

    fn lane(&self, of: &Binding) -> Option<Arc<Lane>> {
        let total = match of.mode {
            Mode::Live => self.limits.total_live,
            Mode::Test => self.limits.total_test,
            Mode::Local => self.local?,
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry((of.account.clone(), of.mode));
        let make = || Arc::new(Lane::new(total, self.limits.read, self.limits.write));
        Some(lane.or_insert_with(make).clone())
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH.checked_add(self.began.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests;
