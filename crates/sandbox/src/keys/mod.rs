//! Keys that were issued: restricted ones, and secret ones that are over.
//!
//! What would surprise: any other text that looks like a test key is taken for the
//! sandbox's own, so that a client needs no set-up. Only keys that the sandbox knows
//! can be less than that.

mod handle;
mod permissions;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

pub(crate) use permissions::{Needed, Permissions, check, names, needed};

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    Made(Restricted),
    /// By id.
    Deleted {
        id: String,
    },
    /// The secret key is this from now on, and what it was is over.
    Rolled {
        to: String,
    },
}

/// A restricted key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Restricted {
    pub(crate) id: String,
    /// `rk_test_…`
    pub(crate) key: String,
    pub(crate) permissions: Permissions,
    /// Unix seconds on the sandbox's clock.
    pub(crate) created: i64,
}

/// Every key that was issued besides the secret one.
#[derive(Debug, Default)]
pub(crate) struct Issued {
    restricted: BTreeMap<String, Restricted>,
    over: HashSet<String>,
}

impl Issued {
    /// The restricted key with this text.
    pub(crate) fn find(&self, key: &str) -> Option<&Restricted> {
        self.restricted.values().find(|one| one.key == key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Restricted> {
        self.restricted.values()
    }

    /// Whether a key worked once and does so no more.
    pub(crate) fn is_over(&self, key: &str) -> bool {
        self.over.contains(key)
    }

    pub(crate) fn end(&mut self, key: String) {
        self.over.insert(key);
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Made(key) => {
                self.restricted.insert(key.id.clone(), key);
            }
            Change::Deleted { id } => {
                if let Some(gone) = self.restricted.remove(&id) {
                    self.end(gone.key);
                }
            }
            Change::Rolled { .. } => {}
        }
    }
}
