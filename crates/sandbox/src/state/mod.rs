//! Everything the sandbox remembers, changed by records only.
//!
//! [`State::apply`] is the one way in, live and after a restart, so what a restart
//! restores cannot differ from what was there.

mod compact;
mod connected;
mod index;
pub(crate) mod log;
mod record;
mod snapshot;
mod tx;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use stripe::{PINNED, Version};

use crate::{
    deliveries::Queue,
    ids::{Ids, Stream},
    keys::Issued,
    oauth::Ledger,
    settings::Settings,
    versions,
};

pub(crate) use compact::compacted;
pub(crate) use index::Index;
pub(crate) use record::{Kept, NewDelivery, Put, Record};
pub use snapshot::Snapshot;
pub(crate) use tx::{Asking, Tx};

/// How long a key is remembered (Stripe's API, Idempotent requests).
pub(crate) const KEY_LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// An object and its place in the order of creation.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Rises with every new object; lists are ordered by it.
    pub(crate) at: u64,
    /// The object; fields that begin with `_` are ours and never leave.
    pub(crate) value: Value,
}

/// One account's. The sandbox's own holds those of the accounts connected to it, and
/// for all of them the deliveries, the clock, and who may ask for what.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) seed: u64,
    /// How often this state was opened; request ids of different starts differ.
    pub(crate) boot: u64,
    pub(crate) account: String,
    pub(crate) secret_key: String,
    pub(crate) publishable_key: String,
    /// What the account calls itself.
    pub(crate) name: String,
    /// The accounts that were ever connected, by id; only the sandbox's own has any.
    connected: BTreeMap<String, State>,
    pub(crate) oauth: Ledger,
    pub(crate) issued: Issued,
    /// The account's default version, as the sandbox was opened with it.
    api_version: Version,
    /// The older releases in which events are told.
    older_told: Vec<Version>,
    objects: HashMap<String, Stored>,
    index: Index,
    /// The place of the next new object.
    next_at: u64,
    /// The next number of the id stream.
    pub(crate) ids_next: u64,
    keys: HashMap<String, Kept>,
    /// The auditor's own count; not derived from `keys`.
    executions: HashMap<String, u32>,
    pub(crate) deliveries: Queue,
    pub(crate) offset_ms: i64,
    pub(crate) settings: Settings,
    /// What the next attempts at a card are refused with.
    pub(crate) failing: Vec<String>,
}

impl State {
    pub(crate) fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed, Stream::Account, 0);
        Self {
            seed,
            boot: 0,
            account: format!("acct_1{}", ids.text(15)),
            secret_key: format!("sk_test_{}", ids.text(99)),
            publishable_key: format!("pk_test_{}", ids.text(99)),
            name: crate::account::NAME.to_owned(),
            connected: BTreeMap::new(),
            oauth: Ledger::new(&mut ids),
            issued: Issued::default(),
            api_version: PINNED,
            older_told: Vec::new(),
            objects: HashMap::new(),
            index: Index::default(),
            next_at: 0,
            ids_next: 0,
            keys: HashMap::new(),
            executions: HashMap::new(),
            deliveries: Queue::default(),
            offset_ms: 0,
            settings: Settings::default(),
            failing: Vec::new(),
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.objects.get(id)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// What is kept under a key, unless it has grown too old.
    pub(crate) fn kept(&self, key: &str, now_ms: i64) -> Option<&Kept> {
        self.keys.get(key).filter(|kept| now_ms - kept.at_ms < KEY_LIFETIME_MS)
    }

    /// Makes a record true. The same records in the same order give the same state.
    pub(crate) fn apply(&mut self, record: Record) {
        if record.reset {
            self.forget();
        }
        self.boot = record.boot.unwrap_or(self.boot);
        self.offset_ms = record.offset_ms.unwrap_or(self.offset_ms);
        if let Some(settings) = record.settings {
            self.settings = settings;
        }
        if let Some(failing) = record.failing {
            self.failing = failing;
        }
        for granted in record.oauth {
            self.grant(granted);
        }
        for issued in record.issued {
            self.issue(issued);
        }
        for delivery in record.deliveries {
            self.deliveries.add(delivery);
        }
        for id in record.delivered {
            self.deliveries.finish(id);
        }
        let holder = match &record.account {
            None => Some(&mut *self),
            Some(id) => self.connected.get_mut(id),
        };
        let Some(holder) = holder else {
            tracing::error!("a record of the log is of an account that was never connected");
            return;
        };
        holder.ids_next = record.ids_next.unwrap_or(holder.ids_next);
        for put in record.puts {
            holder.put(put);
        }
        if let Some(kept) = record.kept {
            holder.keys.insert(kept.key.clone(), kept);
        }
        if let Some(key) = record.executed {
            *holder.executions.entry(key).or_default() += 1;
        }
    }

    pub(crate) fn api_version(&self) -> Version {
        self.api_version
    }

    pub(crate) fn set_api_version(&mut self, version: Version) {
        self.api_version = version;
        self.older_told = versions::older_told(self);
        self.connected.values_mut().for_each(|account| account.set_api_version(version));
    }

    /// The older releases in which this account's endpoints want events, one version of
    /// each.
    pub(crate) fn older_told(&self) -> &[Version] {
        &self.older_told
    }

    fn put(&mut self, put: Put) {
        let of_endpoint = put.id.starts_with("we_");
        self.put_object(put);
        if of_endpoint {
            self.older_told = versions::older_told(self);
        }
    }

    fn put_object(&mut self, put: Put) {
        let at = match self.objects.get(&put.id) {
            Some(stored) => {
                self.index.remove(&put.id, stored);
                stored.at
            }
            None => {
                self.next_at += 1;
                self.next_at
            }
        };
        let Some(value) = put.value else {
            self.objects.remove(&put.id);
            return;
        };
        let stored = Stored { at, value };
        if stored.value.get("deleted").is_none() {
            self.index.insert(&put.id, &stored);
        }
        self.objects.insert(put.id, stored);
    }

    /// The objects of a kind, oldest first, internal fields and all.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl DoubleEndedIterator<Item = &'a Value> {
        self.index.kind(kind).filter_map(|(_, id)| self.objects.get(id)).map(|stored| &stored.value)
    }
}
