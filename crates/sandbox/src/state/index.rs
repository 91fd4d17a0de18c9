//! Which objects there are of a kind, and which point at an object, in order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Stored;
use crate::{schedule, test_clocks, value};

/// Fields whose value is an id by which lists are filtered.
const REFERENCES: &[&str] = &[
    "customer",
    "invoice",
    "payment_intent",
    "product",
    "subscription",
    "_subscription",
    "_session",
    "test_clock",
    "charge",
    "setup_intent",
    "_credit_note",
];

type Ordered = BTreeMap<u64, String>;

#[derive(Debug, Default)]
pub(crate) struct Index {
    kinds: HashMap<String, Ordered>,
    /// (kind, id pointed at) → what points.
    references: HashMap<(String, String), Ordered>,
    /// (when something is due, place, id), in that order, by test clock; those on the
    /// sandbox's own time under the empty name.
    due: HashMap<String, BTreeSet<(i64, u64, String)>>,
}

static EMPTY: Ordered = Ordered::new();

impl Index {
    /// The kinds of which there are objects, by name, and how many.
    pub(crate) fn kinds(&self) -> BTreeMap<&str, usize> {
        let counted = self.kinds.iter().map(|(kind, places)| (kind.as_str(), places.len()));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// Every object of a kind, by its place.
    pub(crate) fn kind(&self, kind: &str) -> std::collections::btree_map::Iter<'_, u64, String> {
        self.places(kind, None).iter()
    }

    /// The objects of a kind, or only those that point at this id.
    pub(crate) fn places(&self, kind: &str, pointing_at: Option<&str>) -> &Ordered {
        match pointing_at {
            None => self.kinds.get(kind),
            Some(id) => self.references.get(&(kind.to_owned(), id.to_owned())),
        }
        .unwrap_or(&EMPTY)
    }

    /// The earliest thing due until this second, and the object it is due for.
    pub(crate) fn next_due(&self, until: i64) -> Option<(i64, &str)> {
        self.next_due_on("", until)
    }

    /// The same on a test clock.
    pub(crate) fn next_due_on(&self, clock: &str, until: i64) -> Option<(i64, &str)> {
        let first = self.due.get(clock)?.first();
        first.filter(|(at, ..)| *at <= until).map(|(at, _, id)| (*at, id.as_str()))
    }

    pub(crate) fn insert(&mut self, id: &str, stored: &Stored) {
        if let Some(at) = schedule::due_at(&stored.value) {
            let clock = test_clocks::of(&stored.value).unwrap_or_default().to_owned();
            self.due.entry(clock).or_default().insert((at, stored.at, id.to_owned()));
        }
        let kind = value::text(&stored.value, "object").unwrap_or_default().to_owned();
        for target in targets(stored) {
            let key = (kind.clone(), target.to_owned());
            self.references.entry(key).or_default().insert(stored.at, id.to_owned());
        }
        self.kinds.entry(kind).or_default().insert(stored.at, id.to_owned());
    }

    pub(crate) fn remove(&mut self, id: &str, stored: &Stored) {
        if let Some(at) = schedule::due_at(&stored.value) {
            let clock = test_clocks::of(&stored.value).unwrap_or_default();
            if let Some(due) = self.due.get_mut(clock) {
                due.remove(&(at, stored.at, id.to_owned()));
                if due.is_empty() {
                    self.due.remove(clock);
                }
            }
        }
        let kind = value::text(&stored.value, "object").unwrap_or_default().to_owned();
        for target in targets(stored) {
            let key = (kind.clone(), target.to_owned());
            if let Some(places) = self.references.get_mut(&key) {
                places.remove(&stored.at);
                if places.is_empty() {
                    self.references.remove(&key);
                }
            }
        }
        if let Some(places) = self.kinds.get_mut(&kind) {
            places.remove(&stored.at);
        }
    }
}

/// Fields that the index follows.
pub(crate) fn is_reference(field: &str) -> bool {
    REFERENCES.contains(&field)
}

fn targets(stored: &Stored) -> impl Iterator<Item = &str> {
    REFERENCES.iter().filter_map(|field| value::text(&stored.value, field))
}
