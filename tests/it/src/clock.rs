//! The time of a test: tokio's, so that whoever sleeps also moves the clock.

use model::{Clock, Timestamp, from_micros, micros, seconds};
use tokio::time::Instant;

/// When every test begins: 2027-01-15T08:00:00Z, a Friday.
const BEGINNING: i64 = 1_800_000_000;

/// A clock that shows what tokio's time adds to a fixed beginning. With paused time a
/// month passes in milliseconds, and two runs of one seed see the same moments.
#[derive(Debug)]
pub struct SimClock {
    base: Timestamp,
    start: Instant,
}

impl SimClock {
    /// A clock that begins now. Needs a tokio runtime.
    pub fn new() -> Self {
        Self { base: seconds(BEGINNING), start: Instant::now() }
    }
}

impl Default for SimClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX);
        from_micros(micros(self.base).saturating_add(passed))
    }
}
