//! Time as an argument.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where the time comes from. Replay, simulation and tests need one time, so no
/// code asks the machine for it but [`SystemClock`].
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until told otherwise.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at this moment.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(micros(at)))
    }

    /// A clock standing at this Unix second.
    pub fn at_second(second: i64) -> Self {
        Self(AtomicI64::new(second.saturating_mul(1_000_000)))
    }

    /// Moves the clock forward.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms.saturating_mul(1_000), Ordering::SeqCst);
    }

    /// Sets the clock, backwards too.
    pub fn set(&self, at: Timestamp) {
        self.0.store(micros(at), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Microseconds since 1970, the form in which the store keeps times.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The inverse of [`micros`]; values outside the calendar are clamped to its ends.
pub fn from_micros(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(if us < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The moment of a Unix second, the form in which Stripe writes times; clamped.
pub fn seconds(s: i64) -> Timestamp {
    Timestamp::from_second(s).unwrap_or(if s < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
