//! What the auditor can find.

use std::fmt;

/// A broken promise, by kind; planted bugs are recognized by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An event got a 200 and is not stored, or not as it was sent.
    EventLost,
    /// An event is stored and was not dispatched.
    EventStuck,
    /// What nobody at Stripe signed was accepted or stored.
    Forged,
    /// Not exactly one run for an event and a workflow that wants it.
    RunsOfEvent,
    /// A caller's key led to no run, or to two.
    RunsOfKey,
    /// A run did not complete although it could have.
    RunNotCompleted,
    /// Stripe executed an effect more than once, or not at all.
    Executed,
    /// A step used more than one idempotency key.
    Keys,
    /// An object at Stripe is not as the run meant it.
    Object,
    /// Something was refused or failed that should not have.
    Trouble,
    /// Over all seeds no crash took anything away: the crashes prove nothing.
    NothingLost,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of promise was broken.
    pub kind: Kind,
    /// Which, and how.
    pub text: String,
}

impl Finding {
    /// A finding.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.text)
    }
}
