//! The limiter: a pure decision over buckets, and a queue in front of it.
//!
//! One process's share of Stripe's limits: all configurable, bursts at most 5.

use std::time::Duration;

use model::Timestamp;

/// A token bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Tokens per second.
    pub per_second: f64,
    /// The most that can be saved up.
    pub burst: f64,
    // the helper's
    _level: f64,
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

/// Takes a token from all buckets or from none.
pub fn admit(_now: Timestamp, _buckets: &mut [&mut Bucket]) -> Admission {
    todo!()
}

/// The buckets of every account and mode, and who waits for them.
pub struct Limiter {
    // the helper's
}
