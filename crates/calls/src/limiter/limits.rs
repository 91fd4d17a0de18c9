//! What Stripe allows an account in a mode, as far as this process may use it.

use model::Mode;

/// The limits per account and mode. Rates are per second; every one of them holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// All requests in live mode.
    pub total_live: f64,
    /// All requests in test mode.
    pub total_test: f64,
    /// All requests in mode `local`, which has no limits at all without it.
    pub total_local: Option<f64>,
    /// Requests that change nothing.
    pub read: f64,
    /// Requests that change something.
    pub write: f64,
    /// Requests of one operation, such as `GET /v1/invoices/{invoice}` of all invoices.
    pub operation: f64,
    /// Searches, of all kinds together.
    pub search: f64,
    /// Requests under way at once in live mode.
    pub concurrent_live: u32,
    /// Requests under way at once in test mode, and in mode `local` where that has limits.
    pub concurrent_test: u32,
}

impl Default for Limits {
    /// Stripe's present limits (Stripe's API, Rate limits): 100/s in all live, 25/s in
    /// test mode, 25/s per operation, 20/s for searches; 100/s of reads and of writes.
    /// Stripe publishes no number for requests under way: ours is what the rate comes
    /// to when each takes a second.
    fn default() -> Self {
        Self {
            total_live: 100.0,
            total_test: 25.0,
            total_local: None,
            read: 100.0,
            write: 100.0,
            operation: 25.0,
            search: 20.0,
            concurrent_live: 100,
            concurrent_test: 25,
        }
    }
}

impl Limits {
    /// All requests per second in a mode; `None` for no limits.
    pub(crate) fn total(&self, mode: Mode) -> Option<f64> {
        match mode {
            Mode::Live => Some(self.total_live),
            Mode::Test => Some(self.total_test),
            Mode::Local => self.total_local,
        }
    }

    /// Requests under way at once in a mode.
    pub(crate) fn concurrent(&self, mode: Mode) -> u32 {
        match mode {
            Mode::Live => self.concurrent_live,
            Mode::Test | Mode::Local => self.concurrent_test,
        }
    }
}
