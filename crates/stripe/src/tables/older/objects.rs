//! Objects as an older release declares them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Flags, Lines, Props, find, parent, release, replace};
use crate::{
    Version,
    tables::{
        Object,
        data::ObjectEntry,
        parse::{self, Of, Raw, Values},
    },
};

static LINES: Lines = Lines::of(include_str!("../../../data/older_objects.tsv"));

/// What one release has otherwise in one object; keys are paths such as `lines.data[].price`.
#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(default, borrow)]
    absent: Vec<&'a str>,
    #[serde(default, borrow)]
    only: BTreeMap<&'a str, Raw<'a>>,
    #[serde(default, borrow)]
    is: BTreeMap<&'a str, Raw<'a>>,
    /// Of enums.
    #[serde(default, borrow)]
    values: BTreeMap<&'a str, Names<'a>>,
    /// Of expandables.
    #[serde(default, borrow)]
    of: BTreeMap<&'a str, Names<'a>>,
    #[serde(default, borrow)]
    flags: BTreeMap<&'a str, Flags>,
}

#[derive(Deserialize)]
struct Names<'a> {
    #[serde(default, borrow)]
    absent: Vec<&'a str>,
    #[serde(default, borrow)]
    only: Vec<&'a str>,
}

impl Names<'static> {
    fn put(self, there: &mut Vec<&'static str>) {
        there.retain(|name| !self.absent.contains(name));
        there.extend(self.only);
        there.sort_unstable();
    }
}

/// The object in an older release; `None` where it is as in the newest.
pub(in crate::tables) fn object(entry: &ObjectEntry, version: Version) -> Option<&Object> {
    let at = release(version)?;
    let older = || LINES.json(entry.name, at).and_then(|delta| apply(entry, delta));
    entry.older[at].get_or_init(older).as_ref()
}

fn apply(entry: &ObjectEntry, delta: &'static str) -> Option<Object> {
    let mut root: Props = serde_json::from_str(entry.json).ok()?;
    let delta: Delta<'static> = serde_json::from_str(delta).ok()?;
    for path in delta.absent {
        let (hash, name) = parent(&mut root, path)?;
        hash.remove(name)?;
    }
    for (path, added) in delta.only {
        let (hash, name) = parent(&mut root, path)?;
        hash.insert(name, added);
    }
    for (path, shape) in delta.is {
        replace(find(&mut root, path)?, shape);
    }
    for (path, names) in delta.values {
        let Some(Values::Texts(texts)) = &mut find(&mut root, path)?.values else { return None };
        names.put(texts);
    }
    for (path, names) in delta.of {
        let Some(Of::Names(there)) = &mut find(&mut root, path)?.of else { return None };
        names.put(there);
    }
    for (path, flags) in delta.flags {
        flags.put(find(&mut root, path)?);
    }
    parse::object_of(entry, &root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::data;

    #[test]
    fn every_older_line_of_an_object_applies() {
        for (name, release, delta) in LINES.all() {
            let entry = data::object_entry(name).unwrap_or_else(|| panic!("{name} is no object"));
            let object = apply(entry, delta).unwrap_or_else(|| panic!("{name} {release} does not apply"));
            let newest = parse::object(entry).unwrap();
            assert_ne!(object, newest, "{name} {release} changes nothing");
            assert_eq!((object.name, object.object), (newest.name, newest.object));
        }
        assert_eq!(LINES.all().len(), 260);
        assert!(LINES.all().is_sorted());
    }
}
