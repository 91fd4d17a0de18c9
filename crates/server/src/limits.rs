//! Bounds of the HTTP surface.

use std::time::Duration;

/// What a request may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerLimits {
    /// Largest body in bytes; beyond it 413.
    pub body_bytes: usize,
    /// Longest handling of one request, streams and synchronous runs excepted.
    pub timeout: Duration,
    /// Most webhook deliveries handled at once; beyond it 503.
    pub deliveries: usize,
    /// How often a key may ask; none means as often as it likes, as on a laptop.
    pub keys: Option<KeyLimits>,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self { body_bytes: 1_048_576, timeout: Duration::from_secs(30), deliveries: 1_024, keys: None }
    }
}

/// Requests per minute and key; beyond them 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLimits {
    /// That only read.
    pub read: u32,
    /// That change something here.
    pub write: u32,
    /// That call actions or start runs.
    pub execute: u32,
    /// All keys of a company together get this many times as much.
    pub company: u32,
}

impl Default for KeyLimits {
    fn default() -> Self {
        Self { read: 1_000, write: 100, execute: 500, company: 5 }
    }
}
