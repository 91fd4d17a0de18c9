//! Why a write inside a group stopped, and what SQLite's error codes mean for it.

use crate::{backend::ReadError, unit::Refusal};

/// What ends a write.
#[derive(Debug)]
pub(super) enum Stop {
    /// Refused by its guard, before it changed anything.
    Refused(Refusal),
    /// Refused when it had perhaps changed something: whoever runs it has to undo.
    Unclean(Refusal),
    /// A row that it had to read is damaged or unreadable.
    Unread(ReadError),
    /// SQLite failed.
    Failed(sqlx::Error),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            // SQLITE_CONSTRAINT_UNIQUE and …_PRIMARYKEY.
            Some(2067 | 1555) => Self::Unclean(Refusal::Conflict),
            _ => Self::Failed(error),
        }
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Unread(error)
    }
}

/// What a failure means for everyone who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// About one row: others can still be written.
    Row,
    /// No room, no permission or somebody else's lock: nothing can be written now,
    /// and nothing was.
    Refusing,
    /// The disk or the file is broken: nothing is certain any more.
    Broken,
}

/// SQLite's extended result code.
pub(super) fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// What kind of failure an error is.
pub(super) fn kind(error: &sqlx::Error) -> Kind {
    match code(error).map(|code| code & 0xff) {
        // TOOBIG, CONSTRAINT, MISMATCH, RANGE.
        Some(18 | 19 | 20 | 25) => Kind::Row,
        // BUSY, LOCKED, READONLY, FULL, CANTOPEN.
        Some(5 | 6 | 8 | 13 | 14) => Kind::Refusing,
        Some(_) => Kind::Broken,
        None => match error {
            sqlx::Error::Encode(_) => Kind::Row,
            _ => Kind::Broken,
        },
    }
}
