//! What older releases take: the newest parameters plus what only the older release has.
//!
//! Purely additive things (a new parameter, a new enum value) are not taken away
//! under an older version, because Stripe accepts most of them there too. A
//! parameter that changed its shape has the older shape.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;

use super::{
    Operation, Param, data,
    parse::{self, Raw, RawOperation, Values},
};
use crate::Version;

const OLDER: &str = include_str!("../../data/older.tsv");

/// The releases with lines in the file, oldest first.
pub(super) const RELEASES: [&str; 4] = ["acacia", "basil", "clover", "dahlia"];

/// What one release adds to one operation; keys are paths such as `phases[].coupon`.
#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(default, borrow)]
    only: BTreeMap<&'a str, Raw<'a>>,
    #[serde(default, borrow)]
    is: BTreeMap<&'a str, Raw<'a>>,
    #[serde(default, borrow)]
    values: BTreeMap<&'a str, Vec<&'a str>>,
    #[serde(default, borrow)]
    flags: BTreeMap<&'a str, Flags>,
}

#[derive(Deserialize)]
struct Flags {
    required: Option<bool>,
    unsettable: Option<bool>,
}

pub(super) fn params(operation: &Operation, version: Version) -> &'static [Param] {
    let release = RELEASES.iter().position(|name| *name == version.name());
    let (Some(at), Some(entry)) = (release, data::entry(operation.id)) else { return operation.params };
    entry.older[at].get_or_init(|| {
        delta(entry.id, RELEASES[at]).and_then(|d| apply(entry.json, d)).unwrap_or(operation.params)
    })
}

fn delta(id: &str, release: &str) -> Option<Delta<'static>> {
    static LINES: OnceLock<Vec<(&str, &str, &str)>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let row = |line: &'static str| {
            let (id, rest) = line.split_once('\t')?;
            let (release, json) = rest.split_once('\t')?;
            Some((id, release, json))
        };
        OLDER.lines().filter_map(row).collect()
    });
    let at = lines.binary_search_by(|line| (line.0, line.1).cmp(&(id, release))).ok()?;
    serde_json::from_str(lines[at].2).ok()
}

fn apply(json: &'static str, delta: Delta<'static>) -> Option<&'static [Param]> {
    let raw: RawOperation<'static> = serde_json::from_str(json).ok()?;
    let mut root = raw.params;
    for (path, added) in delta.only {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        props(&mut root, parent)?.insert(name, added);
    }
    for (path, shape) in delta.is {
        let there = find(&mut root, path)?;
        // A union that has grown since still takes the older forms.
        if there.kind != "union" {
            let (required, unsettable) = (there.required, there.unsettable);
            *there = shape;
            (there.required, there.unsettable) = (required, unsettable);
        }
    }
    for (path, more) in delta.values {
        if let Some(Values::Texts(texts)) = &mut find(&mut root, path)?.values {
            texts.extend(more);
        }
    }
    for (path, flags) in delta.flags {
        let there = find(&mut root, path)?;
        there.required = flags.required.unwrap_or(there.required);
        there.unsettable = flags.unsettable.unwrap_or(there.unsettable);
    }
    parse::params(&root)
}

type Props = BTreeMap<&'static str, Raw<'static>>;

fn props<'a>(root: &'a mut Props, path: &str) -> Option<&'a mut Props> {
    if path.is_empty() { Some(root) } else { Some(&mut find(root, path)?.props) }
}

/// The type at `a.b[].c`.
fn find<'a>(root: &'a mut Props, path: &str) -> Option<&'a mut Raw<'static>> {
    let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
    let name = last.trim_end_matches("[]");
    let mut there = props(root, parent)?.get_mut(name)?;
    for _ in 0..(last.len() - name.len()) / 2 {
        there = there.items.as_deref_mut()?;
    }
    Some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_older_line_applies() {
        let mut applied = 0;
        for line in OLDER.lines() {
            let mut columns = line.split('\t');
            let (id, release) = (columns.next().unwrap(), columns.next().unwrap());
            let entry = data::entry(id).unwrap_or_else(|| panic!("{id} is no operation"));
            let delta = delta(id, release).unwrap_or_else(|| panic!("{id} {release} cannot be read"));
            assert!(apply(entry.json, delta).is_some(), "{id} {release} does not apply");
            applied += 1;
        }
        assert_eq!(applied, 106);
    }
}
