//! Why a run or a call exists.
//!
//! The cause is an event id, a caller's key or a tick and never a random id, so
//! that a restored database asks Stripe with the same idempotency keys.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::EventId;

/// A key that a caller chose, 1 to 255 printable ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallerKey(String);

/// A caller's key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 printable ASCII characters")]
pub struct CallerKeyError;

impl CallerKey {
    /// The key, if it has 1 to 255 printable ASCII characters.
    pub fn parse(text: impl Into<String>) -> Result<Self, CallerKeyError> {
        let text = text.into();
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if fits { Ok(Self(text)) } else { Err(CallerKeyError) }
    }

    /// The key as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CallerKey {
    type Error = CallerKeyError;
    fn try_from(text: String) -> Result<Self, CallerKeyError> {
        Self::parse(text)
    }
}

impl From<CallerKey> for String {
    fn from(key: CallerKey) -> Self {
        key.0
    }
}

impl fmt::Display for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name by which a company knows a workflow, `invoice-and-payment`: lower-case
/// letters, digits and inner hyphens, at most 100 characters. It is part of every
/// idempotency key of the workflow's runs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkflowKey(String);

/// Text that cannot be a workflow's key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a workflow key has 1 to 100 lower-case letters, digits and inner hyphens")]
pub struct WorkflowKeyError;

impl WorkflowKey {
    /// The key, if it is well formed.
    pub fn parse(text: impl Into<String>) -> Result<Self, WorkflowKeyError> {
        let text = text.into();
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=100).contains(&text.len())
            && text.bytes().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits { Ok(Self(text)) } else { Err(WorkflowKeyError) }
    }

    /// The key made from a workflow's name: "Invoice and payment" gives
    /// `invoice-and-payment`. `None` when no letter or digit is left.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut key = String::new();
        for c in name.chars() {
            if c.is_ascii_alphanumeric() {
                key.push(c.to_ascii_lowercase());
            } else if !key.is_empty() && !key.ends_with('-') {
                key.push('-');
            }
        }
        key.truncate(100);
        Self::parse(key.trim_matches('-')).ok()
    }

    /// The key as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WorkflowKey {
    type Error = WorkflowKeyError;
    fn try_from(text: String) -> Result<Self, WorkflowKeyError> {
        Self::parse(text)
    }
}

impl From<WorkflowKey> for String {
    fn from(key: WorkflowKey) -> Self {
        key.0
    }
}

impl fmt::Display for WorkflowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WorkflowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a run exists. One run per (company, workflow, cause).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A Stripe event.
    Event(EventId),
    /// A caller's idempotency key.
    Caller(CallerKey),
    /// A tick of a schedule.
    Tick(Timestamp),
    /// A person asked for what had been done to be done again.
    Again {
        /// What is repeated.
        of: Box<Cause>,
        /// The how-manieth repetition, from 1.
        nth: u32,
    },
}

impl Cause {
    /// The canonical text, unique per cause; what the database indexes.
    pub fn canonical(&self) -> String {
        match self {
            Self::Event(id) => format!("event:{id}"),
            Self::Caller(key) => format!("caller:{key}"),
            Self::Tick(at) => format!("tick:{}", at.as_microsecond()),
            Self::Again { of, nth } => format!("again:{nth}:{}", of.canonical()),
        }
    }
}

/// What asked for a call: a step of a run, or somebody directly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A step of the run that this cause gave this workflow.
    Run {
        /// The workflow's key.
        workflow: WorkflowKey,
        /// Why the run exists.
        cause: Cause,
    },
    /// A direct call of an action.
    Call {
        /// The action's name.
        action: String,
        /// The caller's key.
        key: CallerKey,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_name_becomes_its_key() {
        assert_eq!(WorkflowKey::from_name("Invoice and payment").unwrap().as_str(), "invoice-and-payment");
        assert_eq!(WorkflowKey::from_name("  Überweisung -- 2 ").unwrap().as_str(), "berweisung-2");
        assert_eq!(WorkflowKey::from_name("!!"), None);
    }

    #[test]
    fn a_caller_key_is_printable_and_bounded() {
        assert!(CallerKey::parse("").is_err());
        assert!(CallerKey::parse("a\nb").is_err());
        assert!(CallerKey::parse("x".repeat(256)).is_err());
        assert!(CallerKey::parse("order-7").is_ok());
    }
}
