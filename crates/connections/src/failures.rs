//! What the store's and the vault's troubles are called on every surface.

use model::{Code, Failure, Mode, Retry};
use store::{CommitError, ReadError};

use crate::vault::{RowId, Unopened};

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
            "The sealed content of {} {} does not open: {why}. Nothing was sent to Stripe. \
             Restore the row from a backup, and run `bursar doctor`.",
            at.table, at.id
        ),
    )
}

/// The row says something else than its sealed content.
pub(crate) fn swapped(name: &str) -> Failure {
    let text = format!(
        "The row of the connection `{name}` names another account, mode, address or kind than its sealed \
         credential: it was altered. Nothing was sent to Stripe. Give the connection its credential again."
    );
    Failure::new(Code::Conflict, text)
}

pub(crate) fn unreadable(name: &str) -> Failure {
    let text = format!(
        "The credential of the connection `{name}` cannot be read. Nothing was sent to Stripe. Give it again."
    );
    Failure::new(Code::InternalError, text)
}

pub(crate) fn unwritable() -> Failure {
    Failure::new(Code::InternalError, "A credential has no text to seal. Nothing was stored.")
}

pub(crate) fn gone(id: &str) -> Failure {
    let text = format!(
        "The connection {id} does not exist any more. Nothing was changed and nothing was sent to Stripe."
    );
    Failure::new(Code::NotFound, text)
}

pub(crate) fn contended(id: &str) -> Failure {
    let text = format!(
        "The connection {id} is being changed by others all the time. Nothing was changed; try again."
    );
    Failure::new(Code::Conflict, text).retry(Retry::SameKey)
}

/// The installation brings nothing for this way.
pub(crate) fn not_set_up(way: &str, mode: Mode) -> Failure {
    let text = format!(
        "This server has no settings for connections of the kind `{way}` in mode {mode}. Nothing was sent to \
         Stripe. Whoever runs it adds them, as `bursar docs connections` says; until then the connection rests."
    );
    Failure::new(Code::ConnectionRequired, text).retry(Retry::SameKey)
}

/// The same where somebody chose the mode, with those that there are settings for.
pub(crate) fn not_set_up_but(way: &str, mode: Mode, there: impl Iterator<Item = Mode>) -> Failure {
    let mut failure = not_set_up(way, mode);
    let mut there: Vec<String> = there.map(|mode| format!("`{mode}`")).collect();
    there.sort_unstable();
    if !there.is_empty() {
        failure.message = format!(
            "This server has no settings for connections of the kind `{way}` in mode {mode}, but for mode {}. Nothing was \
             sent to Stripe. Name that one as `mode`, or have the settings added, as `bursar docs connections` says.",
            there.join(" and ")
        );
    }
    failure.at("mode")
}

/// The process ends while a credential is being renewed.
pub(crate) fn stopping(name: &str) -> Failure {
    let text = format!(
        "The connection `{name}` was being renewed when the server stopped. The call was not sent. It is safe to \
         try again."
    );
    Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
}
