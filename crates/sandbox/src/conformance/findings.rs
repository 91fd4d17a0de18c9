//! What a walk over one body found, and the place at which it stands.

use std::fmt;

use stripe::{
    Version,
    tables::{self, Object},
};

/// What was looked at, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Findings {
    /// The release whose tables hold.
    version: Version,
    /// Names of the objects that were looked at, once for each.
    pub(crate) objects: Vec<&'static str>,
    pub(crate) fields: u64,
    pub(crate) wrong: Vec<String>,
}

impl Findings {
    pub(crate) fn new(version: Version) -> Self {
        Self { version, objects: Vec::new(), fields: 0, wrong: Vec::new() }
    }

    /// The same walk, begun anew beside this one.
    pub(crate) fn fresh(&self) -> Self {
        Self::new(self.version)
    }

    /// Takes over what another walk found.
    pub(crate) fn join(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.fields += other.fields;
        self.wrong.extend(other.wrong);
    }

    pub(crate) fn deviates(&mut self, at: &Place, how: impl fmt::Display) {
        self.wrong.push(format!("{at} {how}"));
    }

    /// The object's table: that of the version, or for what only came later, which Stripe
    /// sends to older versions too, the newest.
    pub(crate) fn table(&self, name: &str) -> Option<&'static Object> {
        tables::object_in(name, self.version).or_else(|| tables::object(name))
    }
}

/// Where a value stands. Written out only when something is wrong there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    within: Option<&'a Place<'a>>,
    name: &'a str,
}

impl<'a> Place<'a> {
    pub(crate) const fn root(name: &'a str) -> Self {
        Self { within: None, name }
    }

    pub(crate) const fn inside(&'a self, name: &'a str) -> Self {
        Self { within: Some(self), name }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.within {
            write!(f, "{outer}.")?;
        }
        f.write_str(self.name)
    }
}
