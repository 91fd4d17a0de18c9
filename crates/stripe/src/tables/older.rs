//! What older releases have otherwise: the newest entry with the older release's delta.
//!
//! Parameters only grow: what an older release does not know yet (a parameter, an enum
//! value) is not taken away, because Stripe accepts most of it there too; a parameter
//! that changed its shape has the older shape. Objects are exact (see `releases`).

mod objects;
mod params;

use std::{collections::BTreeMap, sync::OnceLock};

use super::parse::Raw;
use crate::{Version, version::NAMES};

pub(super) use objects::object;
pub(super) use params::params;

/// How many releases have deltas: all but the newest.
pub(super) const RELEASES: usize = NAMES.len() - 1;

/// The place of an older version's release, `None` for the newest.
fn release(version: Version) -> Option<usize> {
    (0..RELEASES).find(|at| *at == version.generation())
}

/// One line: what it is about, the release, the delta's JSON.
type Line = (&'static str, &'static str, &'static str);

/// A file of deltas, cut into lines by the first look-up.
struct Lines {
    text: &'static str,
    cut: OnceLock<Vec<Line>>,
}

impl Lines {
    const fn of(text: &'static str) -> Self {
        Self { text, cut: OnceLock::new() }
    }

    fn all(&self) -> &[Line] {
        self.cut.get_or_init(|| {
            let row = |line: &'static str| {
                let (about, rest) = line.split_once('\t')?;
                let (release, json) = rest.split_once('\t')?;
                Some((about, release, json))
            };
            self.text.lines().filter_map(row).collect()
        })
    }

    /// The delta of an entry in the release at this place.
    fn json(&self, about: &str, at: usize) -> Option<&'static str> {
        let lines = self.all();
        let found = lines.binary_search_by(|line| (line.0, line.1).cmp(&(about, NAMES[at]))).ok()?;
        Some(lines[found].2)
    }
}

type Props = BTreeMap<&'static str, Raw<'static>>;

/// The properties of the type at a path, those of the root for the empty path.
fn props<'a>(root: &'a mut Props, path: &str) -> Option<&'a mut Props> {
    if path.is_empty() { Some(root) } else { Some(&mut find(root, path)?.props) }
}

/// The hash that holds the last name of a path, and that name.
fn parent<'a, 'p>(root: &'a mut Props, path: &'p str) -> Option<(&'a mut Props, &'p str)> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    Some((props(root, parent)?, name))
}

/// The type at `a.b[].c`.
fn find<'a>(root: &'a mut Props, path: &str) -> Option<&'a mut Raw<'static>> {
    let (hash, last) = parent(root, path)?;
    let name = last.trim_end_matches("[]");
    let mut there = hash.get_mut(name)?;
    for _ in 0..(last.len() - name.len()) / 2 {
        there = there.items.as_deref_mut()?;
    }
    Some(there)
}

/// Flags that a delta changes.
#[derive(serde::Deserialize)]
struct Flags {
    required: Option<bool>,
    unsettable: Option<bool>,
    nullable: Option<bool>,
    optional: Option<bool>,
}

impl Flags {
    fn put(&self, there: &mut Raw<'_>) {
        there.required = self.required.unwrap_or(there.required);
        there.unsettable = self.unsettable.unwrap_or(there.unsettable);
        there.nullable = self.nullable.unwrap_or(there.nullable);
        there.optional = self.optional.unwrap_or(there.optional);
    }
}

/// Puts another type in a type's place; its flags stay.
fn replace(there: &mut Raw<'static>, shape: Raw<'static>) {
    let flags = Flags {
        required: Some(there.required),
        unsettable: Some(there.unsettable),
        nullable: Some(there.nullable),
        optional: Some(there.optional),
    };
    *there = shape;
    flags.put(there);
}
