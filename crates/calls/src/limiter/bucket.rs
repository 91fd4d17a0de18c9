//! Token buckets, and slots for what is under way: the pure decision.
//!
//! What would surprise: time is whatever the caller says it is, and one that runs
//! backwards gives no tokens.

use std::time::Duration;

use model::Timestamp;

/// The most that any bucket saves up.
pub(crate) const BURST_MAX: f64 = 5.0;

/// A token bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bucket {
    per_second: f64,
    burst: f64,
    level: f64,
    filled_at: Option<Timestamp>,
    rests_until: Option<Timestamp>,
}

/// Places for requests that are under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slots {
    most: u32,
    taken: u32,
    rests_until: Option<Timestamp>,
}

/// Whether a call may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Now; every bucket has paid and a place is taken.
    Now,
    /// Not before this long; nothing was taken.
    After(Duration),
    /// Not before a request under way has ended; nothing was taken.
    Occupied,
}

/// Takes a token from all buckets and a place, or nothing.
pub(crate) fn admit(now: Timestamp, buckets: &mut [&mut Bucket], slots: &mut Slots) -> Admission {
    let mut wait = until(slots.rests_until, now);
    for bucket in buckets.iter_mut() {
        bucket.refill(now);
        wait = wait.max(bucket.lacks(now));
    }
    if !wait.is_zero() {
        return Admission::After(wait);
    }
    if slots.taken >= slots.most {
        return Admission::Occupied;
    }
    for bucket in buckets {
        bucket.level -= 1.0;
    }
    slots.taken += 1;
    Admission::Now
}

impl Bucket {
    /// A full bucket. A rate outside 0.01 to 1,000,000 per second is moved to the
    /// nearer end; a burst is at least one token.
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        let per_second = per_second.clamp(0.01, 1e6);
        let per_second = if per_second.is_finite() { per_second } else { 0.01 };
        let burst = if burst >= 1.0 { burst } else { 1.0 };
        Self { per_second, burst, level: burst, filled_at: None, rests_until: None }
    }

    /// Gives nothing before this moment, because Stripe said so.
    pub(crate) fn rest_until(&mut self, until: Timestamp) {
        self.rests_until = self.rests_until.max(Some(until));
    }

    /// Whether it is as a new one would be: forgetting it changes nothing.
    pub(crate) fn is_fresh(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        self.level >= self.burst && until(self.rests_until, now).is_zero()
    }

    fn refill(&mut self, now: Timestamp) {
        let before = self.filled_at.replace(now).unwrap_or(now);
        let elapsed = Duration::try_from(now.duration_since(before)).unwrap_or_default();
        self.level = self.burst.min(self.level + elapsed.as_secs_f64() * self.per_second);
    }

    /// How long until it has a token.
    fn lacks(&self, now: Timestamp) -> Duration {
        let rest = until(self.rests_until, now);
        if self.level >= 1.0 {
            return rest;
        }
        // Rounded up, so that who sleeps this long finds the token there.
        let missing = (1.0 - self.level) / self.per_second;
        rest.max(Duration::from_secs_f64(missing) + Duration::from_micros(1))
    }

    #[cfg(test)]
    pub(super) fn level_at(&mut self, now: Timestamp) -> f64 {
        self.refill(now);
        self.level
    }
}

impl Slots {
    /// That many places, at least one.
    pub(crate) fn new(most: u32) -> Self {
        Self { most: most.max(1), taken: 0, rests_until: None }
    }

    /// A request has ended.
    pub(crate) fn release(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// Gives no place before this moment, because Stripe said so.
    pub(crate) fn rest_until(&mut self, until: Timestamp) {
        self.rests_until = self.rests_until.max(Some(until));
    }

    /// Whether nothing is under way and nothing rests.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.taken == 0 && until(self.rests_until, now).is_zero()
    }
}

fn until(moment: Option<Timestamp>, now: Timestamp) -> Duration {
    moment.map_or(Duration::ZERO, |moment| Duration::try_from(moment.duration_since(now)).unwrap_or_default())
}
