//! The auditor's own account of each connection: how often the provider handed tokens out,
//! and how often the server stored any, counted from outside of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// By connection: when the stored token ends. A renewal stores another end.
pub(super) type Ends = BTreeMap<String, Value>;

/// In which state the kills found renewals.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    /// The new pair was stored.
    pub(super) stored: u64,
    /// Nothing new was stored, whether or not the provider was asked.
    pub(super) not_yet: u64,
    /// Of these: the provider had answered, and does not take the old refresh token.
    pub(super) stranded: u64,
}

pub(super) struct Ledger {
    connections: BTreeMap<String, Entry>,
    pub(super) tally: Tally,
}

#[derive(Default)]
struct Entry {
    end: Value,
    /// Stored since somebody authorized it.
    stored: u64,
    /// What the provider had handed out by then.
    before: u64,
}

impl Ledger {
    /// Just authorized, and never renewed.
    pub(super) fn new(ends: Ends) -> Self {
        let entry = |(id, end)| (id, Entry { end, ..Entry::default() });
        Self { connections: ends.into_iter().map(entry).collect(), tally: Tally::default() }
    }

    /// The test itself moved these ends.
    pub(super) fn aged(&mut self, ends: &Ends) {
        for (id, end) in ends {
            self.entry(id).end.clone_from(end);
        }
    }

    /// After a kill.
    pub(super) fn see_all(&mut self, ends: &Ends) {
        for (id, end) in ends {
            match self.see(id, end) {
                true => self.tally.stored += 1,
                false => self.tally.not_yet += 1,
            }
        }
    }

    /// Whether a renewal was stored since the last look. There cannot be two: each look
    /// comes before the new token can run out.
    pub(super) fn see(&mut self, id: &str, end: &Value) -> bool {
        let entry = self.entry(id);
        let renewed = entry.end != *end;
        entry.end.clone_from(end);
        entry.stored += u64::from(renewed);
        renewed
    }

    /// Whether the provider handed out a pair that was never stored.
    pub(super) fn is_stranded(&mut self, id: &str, granted: u64) -> bool {
        let entry = self.entry(id);
        let (granted, stored) = (granted - entry.before, entry.stored);
        assert!(granted == stored || granted == stored + 1, "{id}: granted {granted}, stored {stored}");
        let stranded = granted > stored;
        self.tally.stranded += u64::from(stranded);
        stranded
    }

    /// Somebody authorized it again.
    pub(super) fn authorized(&mut self, id: &str, end: &Value, granted: u64) {
        *self.entry(id) = Entry { end: end.clone(), stored: 0, before: granted };
    }

    fn entry(&mut self, id: &str) -> &mut Entry {
        self.connections.get_mut(id).unwrap_or_else(|| panic!("{id} is no connection of the test's"))
    }
}
