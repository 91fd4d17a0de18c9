//! The accounts that are connected to the sandbox's own.
//!
//! Each is a state of its own inside the first one: objects, ids, idempotency keys and
//! the times things are due. What would surprise: deliveries are not its own. A
//! connected account's event may go to an endpoint of the platform's, and one queue
//! keeps all in order.

use std::collections::HashMap;

use super::{Index, Put, State};
use crate::{ids, keys, oauth, settings::Settings, versions};

impl State {
    /// The state of a connected account; without one the sandbox's own.
    pub(crate) fn of(&self, account: Option<&str>) -> &Self {
        account.and_then(|id| self.connected.get(id)).unwrap_or(self)
    }

    /// The connected accounts, by id.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Self> {
        self.connected.values()
    }

    pub(crate) fn is_connected(&self, account: &str) -> bool {
        self.connected.contains_key(account)
    }

    /// The connected account that has an object; none for one of the sandbox's own, and
    /// for one that nobody has.
    pub(crate) fn holder(&self, id: &str) -> Option<&str> {
        if self.get(id).is_some() {
            return None;
        }
        self.connected.values().find(|state| state.get(id).is_some()).map(|state| state.account.as_str())
    }

    /// The earliest thing due until this second, on whichever account: when, the account
    /// unless it is the sandbox's own, and the object.
    pub(crate) fn next_due(&self, until: i64) -> Option<(i64, Option<&str>, &str)> {
        let own = self.index.next_due(until).map(|(at, id)| (at, None, id));
        let theirs = self.connected.values().filter_map(|state| {
            state.index.next_due(until).map(|(at, id)| (at, Some(state.account.as_str()), id))
        });
        own.into_iter().chain(theirs).min_by_key(|(at, ..)| *at)
    }

    /// How often a key was executed, on all accounts together.
    pub(crate) fn executions(&self) -> HashMap<String, u32> {
        let mut sums = self.executions.clone();
        for (key, count) in self.connected.values().flat_map(|state| &state.executions) {
            *sums.entry(key.clone()).or_default() += count;
        }
        sums
    }

    /// How often this key was executed, on all accounts together.
    pub(crate) fn executed(&self, key: &str) -> u32 {
        let all = std::iter::once(self).chain(self.connected.values());
        all.filter_map(|state| state.executions.get(key)).sum()
    }

    pub(super) fn grant(&mut self, change: oauth::Change) {
        if let oauth::Change::Account { name } = change {
            let account = self.opened(name);
            self.connected.insert(account.account.clone(), account);
        } else {
            self.oauth.apply(change);
        }
    }

    /// The account that would be opened next: the same one for the same seed, whatever
    /// else was asked for.
    pub(crate) fn opened(&self, name: String) -> Self {
        let number = self.connected.len() as u64;
        let account = Self::new(ids::of_connected(self.seed, number));
        let mut account = Self { name, ..account };
        account.set_api_version(self.api_version);
        account
    }

    pub(super) fn issue(&mut self, change: keys::Change) {
        match change {
            keys::Change::Rolled { to } => {
                let old = std::mem::replace(&mut self.secret_key, to);
                self.issued.end(old);
            }
            other => self.issued.apply(other),
        }
    }

    /// Forgets every object but the webhook endpoints of connected accounts. Who may ask
    /// stays: whoever holds a key has no way to learn of a new one.
    pub(super) fn forget(&mut self) {
        // Ids go on: an event id that came twice would look like a duplicate.
        self.objects.clear();
        self.index = Index::default();
        self.next_at = 0;
        self.keys.clear();
        self.executions.clear();
        self.deliveries = self.deliveries.emptied();
        self.offset_ms = 0;
        self.settings = Settings::default();
        self.failing.clear();
        self.older_told = versions::older_told(self);
        for account in self.connected.values_mut() {
            let endpoints = account.endpoints();
            account.forget();
            endpoints.into_iter().for_each(|put| account.put(put));
        }
    }

    /// The webhook endpoints, as they are.
    pub(crate) fn endpoints(&self) -> Vec<Put> {
        let stored = self.of_kind("webhook_endpoint");
        stored
            .map(|value| Put { id: crate::value::id(value).to_owned(), value: Some(value.clone()) })
            .collect()
    }
}
