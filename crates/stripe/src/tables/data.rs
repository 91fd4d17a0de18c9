//! The data files and the lookup of their lines.
//!
//! The files are part of the binary (1.8 MB). The first lookup cuts them into lines
//! without reading the JSON; an entry's JSON is read when the entry is first asked
//! for and then kept for the life of the process. `cost_of_everything` in the tests
//! measures both: cutting takes about a millisecond and reading all 559 operations
//! about 50 ms in a debug build, so a process that uses thirty pays next to nothing.

use std::sync::OnceLock;

use super::{Object, Operation, Param, Releases, older, parse};
use crate::{Method, Version};

const OPERATIONS: &str = include_str!("../../data/operations.tsv");
const OBJECTS: &str = include_str!("../../data/objects.tsv");
const EVENTS: &str = include_str!("../../data/events.tsv");
pub(super) const ERROR_CODES: &str = include_str!("../../data/error_codes.txt");

/// One line of the operations.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) releases: Releases,
    pub(super) json: &'static str,
    operation: OnceLock<Option<Operation>>,
    /// The parameters under each older release, acacia first.
    pub(super) older: [OnceLock<&'static [Param]>; older::RELEASES],
}

impl Entry {
    /// The operation, read on the first call. `None` only for a damaged data file,
    /// which a test excludes.
    pub(super) fn operation(&self) -> Option<&Operation> {
        self.operation.get_or_init(|| parse::operation(self)).as_ref()
    }
}

/// Every operation's line, sorted by id; those that only older releases have among them.
pub(super) fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| OPERATIONS.lines().filter_map(entry_of).collect())
}

fn entry_of(line: &'static str) -> Option<Entry> {
    let mut columns = line.splitn(5, '\t');
    Some(Entry {
        id: columns.next()?,
        method: Method::parse(columns.next()?)?,
        path: columns.next()?,
        releases: Releases::parse(columns.next()?)?,
        json: columns.next()?,
        operation: OnceLock::new(),
        older: Default::default(),
    })
}

pub(super) fn entry(id: &str) -> Option<&'static Entry> {
    let entries = entries();
    entries.binary_search_by(|entry| entry.id.cmp(id)).ok().map(|at| &entries[at])
}

/// One line of the objects.
pub(super) struct ObjectEntry {
    pub(super) name: &'static str,
    pub(super) literal: &'static str,
    pub(super) releases: Releases,
    pub(super) json: &'static str,
    object: OnceLock<Option<Object>>,
    /// The object as each older release has it, acacia first; `None` where it is the same.
    pub(super) older: [OnceLock<Option<Object>>; older::RELEASES],
}

impl ObjectEntry {
    fn object(&self) -> Option<&Object> {
        self.object.get_or_init(|| parse::object(self)).as_ref()
    }

    /// The object as the release of a version has it, `None` where it has none.
    pub(super) fn object_in(&self, version: Version) -> Option<&Object> {
        if !self.releases.declared_in(version) {
            return None;
        }
        older::object(self, version).or_else(|| self.object())
    }

    fn is_deleted_form(&self) -> bool {
        self.name.rsplit('.').next().is_some_and(|last| last.starts_with("Deleted"))
    }
}

/// Every object's line, sorted by name; those that only older releases have among them.
pub(super) fn objects() -> &'static [ObjectEntry] {
    static OBJECT_ENTRIES: OnceLock<Vec<ObjectEntry>> = OnceLock::new();
    OBJECT_ENTRIES.get_or_init(|| {
        let row = |line: &'static str| {
            let mut columns = line.splitn(4, '\t');
            Some(ObjectEntry {
                name: columns.next()?,
                literal: columns.next()?,
                releases: Releases::parse(columns.next()?)?,
                json: columns.next()?,
                object: OnceLock::new(),
                older: Default::default(),
            })
        };
        OBJECTS.lines().filter_map(row).collect()
    })
}

pub(super) fn object_entry(name: &str) -> Option<&'static ObjectEntry> {
    let objects = objects();
    objects.binary_search_by(|entry| entry.name.cmp(name)).ok().map(|at| &objects[at])
}

pub(super) fn object_on_wire(literal: &str, version: Version) -> Option<&'static Object> {
    let is_it =
        |entry: &&ObjectEntry| !literal.is_empty() && entry.literal == literal && !entry.is_deleted_form();
    objects().iter().filter(is_it).find_map(|entry| entry.object_in(version))
}

pub(super) fn event_types() -> &'static [&'static str] {
    static TYPES: OnceLock<Vec<&'static str>> = OnceLock::new();
    TYPES.get_or_init(|| event_rows().map(|(event_type, _)| event_type).collect())
}

pub(super) fn event_objects(event_type: &str) -> Vec<&'static str> {
    let row = event_rows().find(|(name, _)| *name == event_type);
    row.map(|(_, objects)| objects.split(',').collect()).unwrap_or_default()
}

fn event_rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    EVENTS.lines().filter_map(|line| line.split_once('\t'))
}
