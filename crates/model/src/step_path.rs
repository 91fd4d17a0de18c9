//! Where in a run a step stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A step's place, iterations included: `finalize`, `each[2].item`. A compensation
/// appends `~compensate`. Direct calls have the path `call`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepPath(String);

/// Text that is no step path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a step path")]
pub struct StepPathError(String);

impl StepPath {
    /// The path of a direct call.
    pub fn direct() -> Self {
        Self("call".into())
    }

    /// A path, if it has 1 to 512 characters of the path alphabet.
    pub fn parse(text: impl Into<String>) -> Result<Self, StepPathError> {
        let text = text.into();
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'[' | b']' | b'~' | b'-');
        let fits = (1..=512).contains(&text.len()) && text.bytes().all(known);
        if fits { Ok(Self(text)) } else { Err(StepPathError(text.chars().take(64).collect())) }
    }

    /// The path of the step that makes up for this one.
    pub fn compensation(&self) -> Self {
        Self(format!("{}~compensate", self.0))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for StepPath {
    type Error = StepPathError;
    fn try_from(text: String) -> Result<Self, StepPathError> {
        Self::parse(text)
    }
}

impl From<StepPath> for String {
    fn from(path: StepPath) -> Self {
        path.0
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
