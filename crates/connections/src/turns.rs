//! One at a time for each of many things, in the order of asking.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Whose turn it is, for each key. Keys that nobody waits for cost nothing.
pub(crate) struct Turns<K> {
    held: Mutex<HashMap<K, Arc<Turn<()>>>>,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self { held: Mutex::default() }
    }
}

impl<K: Hash + Eq + Copy> Turns<K> {
    /// Waits for the turn; dropping the guard ends it.
    pub(crate) async fn take(&self, key: K) -> OwnedMutexGuard<()> {
        let turn = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|known, turn| *known == key || Arc::strong_count(turn) > 1);
            held.entry(key).or_default().clone()
        };
        turn.lock_owned().await
    }
}
