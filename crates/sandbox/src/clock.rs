//! The sandbox's clock: the given one, moved by an offset of its own.
//!
//! Objects, keys and deliveries live on it. Signatures do not: they carry the time
//! of sending, which is the given clock's.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use model::{Clock, Timestamp};

pub(crate) struct SandboxClock {
    base: Arc<dyn Clock>,
    offset_ms: AtomicI64,
}

impl SandboxClock {
    pub(crate) fn new(base: Arc<dyn Clock>) -> Self {
        Self { base, offset_ms: AtomicI64::new(0) }
    }

    /// Milliseconds since 1970 on the sandbox's clock.
    pub(crate) fn now_ms(&self) -> i64 {
        self.base.now().as_millisecond().saturating_add(self.offset_ms())
    }

    /// The time of sending.
    pub(crate) fn sending_time(&self) -> Timestamp {
        self.base.now()
    }

    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn set_offset_ms(&self, ms: i64) {
        self.offset_ms.store(ms, Ordering::SeqCst);
    }
}
