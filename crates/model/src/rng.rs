//! Randomness as an argument, and with it the order of what is made from it.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// Where randomness comes from. Not for keys and nonces of the vault: those stay
/// with the cryptography library.
pub trait Rng: Send + Sync {
    /// Fills the buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// A random 64-bit number.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A place in an order: `at` where nothing was placed there or later, else the
    /// one after the last. Places given one after the other always rise, unless
    /// the clock behind `at` was set back by more than [`SET_BACK`].
    fn place(&self, at: u64) -> u64;
}

/// How far `at` may fall behind before the order begins again there: 16 seconds
/// in units of 1/4096 ms. A clock that is corrected by more must not leave ids
/// in the future until it catches up.
pub const SET_BACK: u64 = 16_000 << 12;

fn place_in(last: &AtomicU64, at: u64) -> u64 {
    let next = |last: u64| if last >= at && last - at < SET_BACK { last + 1 } else { at };
    let before = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
    next(before.unwrap_or_else(|last| last))
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    /// # Panics
    /// When the operating system has no randomness, in which case nothing that
    /// Bursar does is safe.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }

    /// One order per process.
    fn place(&self, at: u64) -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        place_in(&LAST, at)
    }
}

/// Repeatable randomness: equal seeds give equal bytes.
#[derive(Debug)]
pub struct SeededRng {
    bytes: Mutex<fastrand::Rng>,
    last: AtomicU64,
}

impl SeededRng {
    /// Randomness that this seed determines.
    pub fn new(seed: u64) -> Self {
        Self { bytes: Mutex::new(fastrand::Rng::with_seed(seed)), last: AtomicU64::new(0) }
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        self.bytes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill(bytes);
    }

    fn place(&self, at: u64) -> u64 {
        place_in(&self.last, at)
    }
}
