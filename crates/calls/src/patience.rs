//! How long a call waits, and what it tells while it does.

use std::{future::Future, sync::Arc, time::Duration};

use model::{Failure, Rng};
use tokio::time::{Instant, timeout_at};

use crate::{Class, Watch, limiter::Rank};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);
/// No `Retry-After` is obeyed beyond this; what follows is another 429 at worst.
const OBEYED_MAX: Duration = Duration::from_secs(600);

/// A call's time and its watcher.
pub(crate) struct Patience {
    pub(crate) class: Class,
    /// In which order the limiter lets it go.
    pub(crate) rank: Rank,
    deadline: Option<Instant>,
    watch: Option<Watch>,
    rng: Arc<dyn Rng>,
    pauses: u32,
}

impl Patience {
    pub(crate) fn new(class: Class, budget: Duration, watch: Option<Watch>, rng: Arc<dyn Rng>) -> Self {
        let deadline = (class == Class::Interactive).then(|| Instant::now() + budget);
        Self { class, rank: class.into(), deadline, watch, rng, pauses: 0 }
    }

    /// Waits at most this long from now, whatever its class.
    pub(crate) fn until(mut self, budget: Duration) -> Self {
        self.deadline = Some(Instant::now() + budget);
        self
    }

    /// Waits for something, or `None` when the time is up before.
    pub(crate) async fn within<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        match self.deadline {
            Some(deadline) => timeout_at(deadline, what).await.ok(),
            None => Some(what.await),
        }
    }

    /// Tells why it waits, then waits as long as Stripe said, else longer each time.
    /// `false` at once when the time would be up before.
    pub(crate) async fn pause(&mut self, why: &Failure, told: Duration) -> bool {
        let wait = if told.is_zero() { self.backoff() } else { told.min(OBEYED_MAX) };
        self.pauses = self.pauses.saturating_add(1);
        if self.deadline.is_some_and(|deadline| Instant::now() + wait >= deadline) {
            return false;
        }
        if let Some(watch) = &self.watch {
            watch(why);
        }
        tokio::time::sleep(wait).await;
        true
    }

    /// 0.5 s doubling to 8 s, of which a random half may fall away, so that those who
    /// failed together do not come back together.
    fn backoff(&self) -> Duration {
        let full = FIRST.saturating_mul(1 << self.pauses.min(10)).min(LONGEST);
        let spread = u64::try_from(full.as_millis() / 2).unwrap_or(1).max(1);
        full - Duration::from_millis(self.rng.next_u64() % spread)
    }
}
