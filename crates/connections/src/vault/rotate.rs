//! Another master key, while everything goes on.
//!
//! Only the data keys are wrapped anew, in one unit; what they seal stays as it is.
//! What would surprise: the new key has to be kept before this is called. Once the unit
//! is committed, the old one opens nothing any more.

use std::sync::{Arc, PoisonError};

use model::Failure;
use store::{CommitError, Refusal, Unit, Write};

use super::{CHECK, Inner, Master, MasterKey, Vault, unsettled_change};
use crate::failures;

/// How often keys that were made meanwhile are taken in.
const TRIES_MAX: u32 = 5;

impl Vault {
    /// The name of the master key in use: what a backup needs, and never the key.
    pub fn master_id(&self) -> String {
        self.inner.master().id.clone()
    }

    /// Wraps every data key under another master key, and uses that from now on.
    /// Returns how many. `entry`, which is told how many, goes into the unit of the change:
    /// it is the entry of the audit log. Safe to repeat: under the key already in use it
    /// does nothing.
    ///
    /// # Errors
    /// `internal_error` when a data key does not open, `store_unavailable`; the old key
    /// is in use as before, unless the store cannot say whether it committed: then
    /// the next start says which of the two it needs.
    pub async fn rotate(&self, to: &MasterKey, entry: impl Fn(usize) -> Write) -> Result<usize, Failure> {
        // No data key is made under the old one meanwhile.
        let mut unsettled = self.inner.making.write().await;
        if let Some(pending) = unsettled.take() {
            *unsettled = self.inner.settle(pending).await;
            if unsettled.is_some() {
                return Err(unsettled_change());
            }
        }
        let to = Master::new(to);
        if to.id == self.inner.master().id {
            return Ok(0);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.inner.rewrap(&to, &entry).await {
                Ok(count) => {
                    self.inner.adopt(to);
                    return Ok(count);
                }
                Err(Again::Unknown(failure)) => {
                    *unsettled = self.inner.settle(to).await;
                    return Err(*failure);
                }
                // Another process has made a key.
                Err(Again::Changed) if tries < TRIES_MAX => {}
                Err(Again::Changed) => return Err(failures::contended("vault")),
                Err(Again::Failed(failure)) => return Err(*failure),
            }
        }
    }
}

enum Again {
    Changed,
    /// Whether it was committed is not known.
    Unknown(Box<Failure>),
    Failed(Box<Failure>),
}

impl From<Failure> for Again {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl Inner {
    async fn rewrap(&self, to: &Master, entry: &impl Fn(usize) -> Write) -> Result<usize, Again> {
        let from = self.master();
        let stored = self.store.data_keys().await.map_err(|e| failures::read(&e))?;
        let mut keys = Vec::with_capacity(stored.len());
        for key in &stored {
            let plain = from.unwrap(key)?;
            keys.push(to.wrap(key.id.clone(), &plain));
        }
        let count = keys.len();
        let unit =
            Unit::interactive(vec![Write::RewrapDataKeys { from: from.id.clone(), keys }, entry(count)]);
        match self.store.commit(unit).await {
            Ok(_) => Ok(count),
            Err(CommitError::Refused { why: Refusal::Changed, .. }) => Err(Again::Changed),
            Err(error @ CommitError::Unavailable(_)) => {
                Err(Again::Unknown(Box::new(failures::commit(&error))))
            }
            Err(error) => Err(failures::commit(&error).into()),
        }
    }

    /// Finds out whether a change to this key was committed, and adopts it if it was.
    /// Gives the key back while the database does not say.
    async fn settle(&self, pending: Master) -> Option<Master> {
        match self.store.data_key(CHECK).await {
            Ok(Some(check)) if check.master == pending.id => {
                self.adopt(pending);
                None
            }
            Ok(Some(check)) if check.master == self.master().id => None,
            _ => Some(pending),
        }
    }

    fn adopt(&self, master: Master) {
        *self.master.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(master);
    }
}
