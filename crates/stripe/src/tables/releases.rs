//! Which releases have an entry, and look-ups under a version.
//!
//! Operations and objects differ on purpose. An operation that is newer than the asked
//! version is found all the same, because Stripe serves what it has added under older
//! versions too; only what has gone away is bound to its releases. An object is told
//! exactly as the release declares it, because that is what a reader of that release
//! expects to get.

use std::fmt;

use super::{Object, Operation, data};
use crate::{Version, version::NAMES};

/// The releases that declare an entry of the tables, from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Releases {
    /// Places among the named releases.
    first: usize,
    last: usize,
}

/// The place of the newest release.
const NEWEST: usize = NAMES.len() - 1;

impl Releases {
    /// Every release.
    pub(super) const ALL: Self = Self { first: 0, last: NEWEST };

    /// `clover-` since clover, `acacia-basil` from acacia to basil.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let place = |name: &str| NAMES.iter().position(|known| *known == name);
        let last = if last.is_empty() { NEWEST } else { place(last)? };
        Some(Self { first: place(first)?, last })
    }

    /// Whether the release of this version declares it.
    pub fn declared_in(self, version: Version) -> bool {
        (self.first..=self.last).contains(&version.generation())
    }

    /// Whether Stripe can be asked for it under this version: it is declared, or came later
    /// and is still there.
    pub fn usable_in(self, version: Version) -> bool {
        self.last == NEWEST || self.declared_in(version)
    }
}

/// `since clover`, `acacia only`, `acacia to basil`.
impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (NAMES[self.first], NAMES[self.last]);
        match (self.first == self.last, self.last == NEWEST) {
            (_, true) => write!(f, "since {first}"),
            (true, false) => write!(f, "{first} only"),
            (false, false) => write!(f, "{first} to {last}"),
        }
    }
}

/// The operation of this id under a version: also one that only older releases have,
/// such as `invoices.retrieveUpcoming` under acacia.
pub fn operation_in(id: &str, version: Version) -> Option<&'static Operation> {
    let entry = data::entry(id)?;
    if entry.releases.usable_in(version) { entry.operation() } else { None }
}

/// The operation of this id under whatever version has it.
pub fn operation_of_any(id: &str) -> Option<&'static Operation> {
    data::entry(id)?.operation()
}

/// The ids of all operations under a version, sorted.
pub fn operation_ids_in(version: Version) -> impl Iterator<Item = &'static str> {
    data::entries().iter().filter(move |entry| entry.releases.usable_in(version)).map(|entry| entry.id)
}

/// The object of this SDK type name as the release of a version declares it: without
/// fields that came later, with those that are gone. `None` when the release has no such object.
///
/// Stripe may still send what was merely added later; nothing is wrong with such a field.
pub fn object_in(name: &str, version: Version) -> Option<&'static Object> {
    data::object_entry(name)?.object_in(version)
}

/// The same by the value of the `object` field, deleted forms excluded.
pub fn object_on_wire_in(literal: &str, version: Version) -> Option<&'static Object> {
    data::object_on_wire(literal, version)
}
