//! Stripe's rate limits, when they are asked for: so many reads and so many writes of an
//! account in any one second, else a 429 of the reason `global-rate`.
//!
//! The second is of the real clock: `advance` gives no new requests. What is turned away
//! does not count, so that whoever slows down gets through. The sandbox's own requests
//! pass.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

/// The window in which requests count.
const SECOND_MS: i64 = 1000;

/// The highest limit that is taken: as many times are remembered.
const MOST: u32 = 10_000;

/// How many requests of an account pass in any one second. None: all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// GET.
    pub read_per_second: Option<u32>,
    /// POST and DELETE.
    pub write_per_second: Option<u32>,
}

impl Limits {
    /// What Stripe lets through to a sandbox.
    pub const STRIPE: Self = Self { read_per_second: Some(25), write_per_second: Some(25) };

    /// Why these cannot be.
    pub(crate) fn wrong(self) -> Option<String> {
        let fields = [("read_per_second", self.read_per_second), ("write_per_second", self.write_per_second)];
        let (field, _) = fields.into_iter().find(|(_, n)| n.is_some_and(|n| n == 0 || n > MOST))?;
        Some(format!("`{field}` must be from 1 to {MOST}, or left out for no limit. Nothing was changed."))
    }

    fn of(self, reads: bool) -> Option<u32> {
        if reads { self.read_per_second } else { self.write_per_second }
    }
}

/// Who has asked for what in the last second.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    limits: Limits,
    /// When requests passed, by account and whether they read.
    passed: HashMap<(Option<String>, bool), VecDeque<i64>>,
}

impl Limiter {
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Sets other limits; counting begins anew.
    pub(crate) fn set(&mut self, limits: Limits) {
        *self = Self { limits, passed: HashMap::new() };
    }

    /// Whether this request passes; if so it counts.
    pub(crate) fn passes(&mut self, account: Option<&str>, reads: bool, now_ms: i64) -> bool {
        let Some(most) = self.limits.of(reads) else { return true };
        let times = self.passed.entry((account.map(str::to_owned), reads)).or_default();
        // A clock that was set back would otherwise count for long.
        times.retain(|at| (0..SECOND_MS).contains(&(now_ms - at)));
        if times.len() >= most as usize {
            return false;
        }
        times.push_back(now_ms);
        true
    }
}
