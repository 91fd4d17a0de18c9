//! Bugs on purpose: a simulation that cannot find these would find nothing.

/// A bug that is built in, in a wrapper around a part and never in the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Planted {
    /// None: everything as it is shipped.
    #[default]
    Nothing,
    /// Intents are not stored: nobody knows after a crash that a request was sent.
    NoIntent,
    /// A repeated request goes out under another key.
    NewKeyOnResend,
    /// A delivery is answered before its receipt is on disk.
    DispatchBeforeCommit,
    /// Whoever decides says of every parked write that it was not done.
    LyingPerson,
    /// The store in memory loses nothing in a crash.
    LosesNothing,
}
