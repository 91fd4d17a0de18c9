//! Stripe's API versions.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A version that Bursar speaks. Others are refused with the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Version(&'static str);

/// The version that every call carries unless told otherwise: the newest whose
/// facts are in the tables.
pub const PINNED: Version = Version("2026-10-28.endive");

/// The newest release under each name, oldest first, then the older releases that
/// SDKs in use pin. Only the first release of a name breaks anything, so all
/// releases of one name share their facts.
const KNOWN: &[&str] = &[
    "2024-09-30.acacia",
    "2025-02-24.acacia",
    "2025-03-31.basil",
    "2025-08-27.basil",
    "2025-09-30.clover",
    "2026-02-25.clover",
    "2026-03-25.dahlia",
    "2026-08-26.dahlia",
    "2026-09-30.endive",
    "2026-10-28.endive",
];

/// Named releases, oldest first. The last is the one whose tables are written in full.
pub(crate) const NAMES: [&str; 5] = ["acacia", "basil", "clover", "dahlia", "endive"];

/// A version Bursar does not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not an API version that Bursar speaks; use one of {}", KNOWN.join(", "))]
pub struct UnknownVersion {
    /// What was asked for, cut at 64 characters.
    pub given: String,
}

impl Version {
    /// The version of this exact name.
    pub fn parse(text: &str) -> Result<Self, UnknownVersion> {
        KNOWN
            .iter()
            .find(|known| **known == text)
            .map(|known| Self(known))
            .ok_or_else(|| UnknownVersion { given: text.chars().take(64).collect() })
    }

    /// The version as it travels in `Stripe-Version`.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// `endive` of `2026-10-28.endive`.
    pub fn name(self) -> &'static str {
        self.0.split_once('.').map_or(self.0, |(_, name)| name)
    }

    /// The place of the version's name among the named releases; 0 is acacia.
    pub fn generation(self) -> usize {
        NAMES.iter().position(|name| *name == self.name()).unwrap_or(NAMES.len())
    }

    /// Every version spoken, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| Self(known))
    }
}

impl TryFrom<String> for Version {
    type Error = UnknownVersion;
    fn try_from(text: String) -> Result<Self, UnknownVersion> {
        Self::parse(&text)
    }
}

// By hand: a derive would let nothing be read that does not live for ever.
impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0.to_owned()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_version_is_refused_with_the_list() {
        let message = Version::parse("2019-01-01").unwrap_err().to_string();
        assert!(message.contains("`2019-01-01`"), "{message}");
        for known in Version::all() {
            assert!(message.contains(known.as_str()), "{message}");
        }
        let long = Version::parse(&"9".repeat(1_000)).unwrap_err();
        assert_eq!(long.given.len(), 64);
        assert!(serde_json::from_str::<Version>("\"2019-01-01\"").is_err());
        let read: Version = serde_json::from_reader(&b"\"2025-03-31.basil\""[..]).unwrap();
        assert_eq!(read.name(), "basil");
    }

    #[test]
    fn every_version_reads_back_and_has_a_generation() {
        for known in Version::all() {
            assert_eq!(Version::parse(known.as_str()), Ok(known));
            assert!(known.generation() < NAMES.len(), "{known}");
        }
        assert!(Version::all().is_sorted());
        assert_eq!(Version::all().last(), Some(PINNED));
        assert_eq!((PINNED.name(), PINNED.generation()), ("endive", 4));
    }
}
