//! What an older release takes besides.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Flags, Lines, find, parent, release, replace};
use crate::{
    Version,
    tables::{
        Operation, Param, data,
        parse::{self, Raw, RawOperation, Values},
    },
};

static LINES: Lines = Lines::of(include_str!("../../../data/older.tsv"));

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

pub(in crate::tables) fn params(operation: &Operation, version: Version) -> &'static [Param] {
    let (Some(at), Some(entry)) = (release(version), data::entry(operation.id)) else {
        return operation.params;
    };
    entry.older[at].get_or_init(|| {
        LINES.json(entry.id, at).and_then(|delta| apply(entry.json, delta)).unwrap_or(operation.params)
    })
}

fn apply(json: &'static str, delta: &'static str) -> Option<&'static [Param]> {
    let raw: RawOperation<'static> = serde_json::from_str(json).ok()?;
    let delta: Delta<'static> = serde_json::from_str(delta).ok()?;
    let mut root = raw.params;
    for (path, added) in delta.only {
        let (hash, name) = parent(&mut root, path)?;
        hash.insert(name, added);
    }
    for (path, shape) in delta.is {
        let there = find(&mut root, path)?;
        // A union that has grown since still takes the older forms.
        if there.kind != "union" {
            replace(there, shape);
        }
    }
    for (path, more) in delta.values {
        let Some(Values::Texts(texts)) = &mut find(&mut root, path)?.values else { return None };
        texts.extend(more);
    }
    for (path, flags) in delta.flags {
        flags.put(find(&mut root, path)?);
    }
    parse::params(&root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_older_line_of_an_operation_applies() {
        for (id, release, delta) in LINES.all() {
            let entry = data::entry(id).unwrap_or_else(|| panic!("{id} is no operation"));
            assert!(apply(entry.json, delta).is_some(), "{id} {release} does not apply");
        }
        assert_eq!(LINES.all().len(), 106);
        assert!(LINES.all().is_sorted());
    }
}
