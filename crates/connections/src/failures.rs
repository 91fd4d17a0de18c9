//! What the store's and the vault's troubles are called on every surface.

use model::{Code, Failure, Retry};
use store::{CommitError, ReadError};

use crate::{seal::Unopened, vault::RowId};

pub(crate) fn read(error: &ReadError) -> Failure {
    let retry = match error {
        ReadError::Unavailable(_) => Retry::SameKey,
        ReadError::Damaged { .. } => Retry::Never,
    };
    let text = format!("{error}. Nothing was sent to Stripe. Check the disk and try again.");
    Failure::new(Code::StoreUnavailable, text).retry(retry)
}

pub(crate) fn commit(error: &CommitError) -> Failure {
    let text =
        format!("{error}. Nothing was sent to Stripe. Check the disk and try again; repeating is safe.");
    Failure::new(Code::StoreUnavailable, text).retry(Retry::SameKey)
}

pub(crate) fn unopened(at: RowId<'_>, why: Unopened) -> Failure {
    let why = match why {
        Unopened::Format => "it was made by a later release, or is cut short",
        Unopened::Refused => "it was altered, moved from another row, or sealed under another key",
    };
    Failure::new(
        Code::InternalError,
        format!(
            "the sealed content of {} {} does not open: {why}. Nothing was sent to Stripe. \
             Restore the row from a backup, and run `bursar doctor`.",
            at.table, at.id
        ),
    )
}
