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
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self { body_bytes: 1_048_576, timeout: Duration::from_secs(30), deliveries: 1_024 }
    }
}
