//! Why a run cannot go on right now, and what that means for its memory.

use model::{Code, Failure};
use store::{CommitError, ReadError};

use crate::failures;

/// Why driving a run stopped before the run had nothing left to do.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The store could not be asked, or its answer is in doubt: forget the run's
    /// memory, wait, and begin again from what is stored.
    Again(Failure),
    /// Another driver has taken over: stop everything.
    Fenced,
    /// This driver is being stopped, or the run is gone: leave it as it is.
    Stopped,
    /// The run cannot be understood; a person has to look.
    Park(Failure),
}

impl From<CommitError> for Trouble {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Fenced => Self::Fenced,
            // `Full` did nothing and `Refused` means that the store has moved on, so
            // going on from the stored state is right for these two as well.
            error => Self::Again(failures::commit(&error)),
        }
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(_) => Self::Again(failures::read(&error)),
            ReadError::Damaged { .. } => Self::Park(failures::read(&error)),
        }
    }
}

impl From<Failure> for Trouble {
    /// A failure of the vault or of a lookup: the store's own are waited for.
    fn from(failure: Failure) -> Self {
        match failure.code {
            Code::StoreUnavailable => Self::Again(failure),
            _ => Self::Park(failure),
        }
    }
}
