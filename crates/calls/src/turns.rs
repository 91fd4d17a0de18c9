//! Turns by name: who shares a name goes one after another, in order of arrival.
//!
//! Used for idempotency keys (a second call with the key of a running one waits and
//! then finds the outcome) and for Stripe's objects (writes under one lock would meet
//! `lock_timeout`). In this process only; the store and Stripe guard what is beyond.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// A turn; the next one begins when it is dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

#[derive(Default)]
pub(crate) struct Turns {
    gates: Mutex<Gates>,
}

#[derive(Default)]
struct Gates {
    by_name: HashMap<String, Weak<Gate<()>>>,
    /// Names nobody uses any more are forgotten when there are this many.
    tidy_at: usize,
}

impl Turns {
    /// Waits for the turn. Dropping the future gives the place up.
    pub(crate) async fn take(&self, name: &str) -> Turn {
        let gate = self.gates().gate(name);
        gate.lock_owned().await
    }

    /// Takes several turns, in the order of the names, so that two who want the same
    /// never wait for each other.
    pub(crate) async fn take_all(&self, names: &[String]) -> Vec<Turn> {
        let mut names: Vec<_> = names.iter().collect();
        names.sort();
        names.dedup();
        let mut turns = Vec::with_capacity(names.len());
        for name in names {
            turns.push(self.take(name).await);
        }
        turns
    }

    /// Whether somebody has the turn now.
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        let gate = self.gates().by_name.get(name).and_then(Weak::upgrade);
        gate.is_some_and(|gate| gate.try_lock().is_err())
    }

    fn gates(&self) -> MutexGuard<'_, Gates> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gates {
    fn gate(&mut self, name: &str) -> Arc<Gate<()>> {
        if let Some(gate) = self.by_name.get(name).and_then(Weak::upgrade) {
            return gate;
        }
        if self.by_name.len() >= self.tidy_at {
            self.by_name.retain(|_, gate| gate.strong_count() > 0);
            self.tidy_at = (2 * self.by_name.len()).max(64);
        }
        let gate = Arc::new(Gate::new(()));
        self.by_name.insert(name.to_owned(), Arc::downgrade(&gate));
        gate
    }
}
