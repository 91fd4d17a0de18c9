//! How the account and its events behave where Stripe leaves a choice: in what order
//! events arrive, how often a refused payment is tried again, and what becomes of a
//! subscription that nobody pays.

use serde::{Deserialize, Serialize};

/// What was set; the rest is as at Stripe unless the account says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How events arrive.
    pub deliveries: Deliveries,
    /// Days from one refused attempt at a subscription's invoice to the next; at most
    /// eight.
    pub retry_days: Vec<u8>,
    /// What becomes of the subscription after the last one.
    pub after_retries: AfterRetries,
}

impl Default for Settings {
    fn default() -> Self {
        let (deliveries, after_retries) = (Deliveries::default(), AfterRetries::default());
        Self { deliveries, retry_days: vec![3, 5, 7], after_retries }
    }
}

/// How events arrive. Whatever is random comes from the sandbox's seed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Deliveries {
    /// In the order in which they came to be.
    #[default]
    Causal,
    /// Those that wait at one time in any order, as from Stripe.
    Shuffled,
    /// Each twice.
    Duplicated,
    /// All so much later.
    Delayed {
        /// Milliseconds of the sandbox's clock.
        ms: u32,
    },
}

impl Deliveries {
    /// How much later than it came to be a delivery is due.
    pub(crate) fn shift_ms(self, seed: u64, delivery: u64) -> i64 {
        match self {
            Self::Causal | Self::Duplicated => 0,
            Self::Shuffled => {
                -i64::from(fastrand::Rng::with_seed(seed ^ delivery.rotate_left(32)).u16(..1000))
            }
            Self::Delayed { ms } => i64::from(ms),
        }
    }
}

/// What becomes of a subscription after the last refused attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterRetries {
    /// It is canceled.
    #[default]
    Cancel,
    /// It is `unpaid`: billed on, and nothing is collected.
    Unpaid,
    /// It stays `past_due`.
    PastDue,
}

/// The most retries.
const RETRIES_MAX: usize = 8;

impl Settings {
    /// What is wrong with them, if anything is.
    pub(crate) fn wrong(&self) -> Option<String> {
        let too_many = self.retry_days.len() > RETRIES_MAX || self.retry_days.contains(&0);
        too_many.then(|| {
            format!("`retry_days` are at most {RETRIES_MAX} numbers from 1 on. Nothing was changed.")
        })
    }
}
