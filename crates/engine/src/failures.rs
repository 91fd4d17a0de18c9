//! The failures that the driver itself makes.

use model::{Binding, Code, Failure, Retry, RunId, StepPath};
use store::{CommitError, ReadError};

/// A unit that was not committed, or may not have been.
pub(crate) fn commit(error: &CommitError) -> Failure {
    match error {
        CommitError::Refused { .. } => Failure::new(
            Code::Conflict,
            format!(
                "The database refused the change: {error}. Nothing changed, here or at Stripe. Read the object again and repeat."
            ),
        ),
        CommitError::Fenced => Failure::new(
            Code::StoreUnavailable,
            "Another process drives this database now. Nothing changed, here or at Stripe. Ask that process.",
        ),
        CommitError::Full(_) => Failure::new(
            Code::StoreUnavailable,
            format!("{error}. Nothing changed, here or at Stripe. Make room, then repeat with the same key."),
        )
        .retry(Retry::SameKey),
        CommitError::Unavailable(_) => Failure::new(
            Code::StoreUnavailable,
            format!(
                "{error}. Nothing new was sent to Stripe. Repeat with the same key: what was stored is found."
            ),
        )
        .retry(Retry::SameKey),
    }
}

/// A read that gave nothing.
pub(crate) fn read(error: &ReadError) -> Failure {
    match error {
        ReadError::Unavailable(_) => Failure::new(
            Code::StoreUnavailable,
            format!("{error}. Nothing changed, here or at Stripe. Repeat with the same key when it is back."),
        )
        .retry(Retry::SameKey),
        ReadError::Damaged { .. } => {
            Failure::new(Code::InternalError, format!("{error}. Nothing changed at Stripe."))
                .retry(Retry::Ask)
        }
    }
}

/// The store did not say which epoch this driver has.
pub(crate) fn no_epoch() -> Failure {
    let text = "The database gave no epoch to this driver. Nothing was driven. This is a defect of Bursar's: report it.";
    Failure::new(Code::InternalError, text)
}

/// There is no such thing, or it is another company's: the two look the same.
pub(crate) fn not_found(what: &str, id: impl std::fmt::Display) -> Failure {
    let text = format!("There is no {what} `{id}` here. Nothing was changed. List what there is first.");
    Failure::new(Code::NotFound, text)
}

/// Replay gave other commands than the run was driven by.
pub(crate) fn history(run: RunId, seq: u64) -> Failure {
    let text = format!(
        "Replaying {run} gave other commands than its journal has at row {seq}: this Bursar decides differently \
         from the one that began the run. Nothing more is sent to Stripe for it; what was done stays done. \
         Start the version that began it and cancel it there, or look at its calls and do the rest by hand."
    );
    Failure::new(Code::Parked, text).retry(Retry::Ask)
}

/// A journal row that this program cannot read.
pub(crate) fn unreadable(run: RunId, seq: u64, why: impl std::fmt::Display) -> Failure {
    let text = format!(
        "Row {seq} of the journal of {run} cannot be read: {why}. Nothing more is sent to Stripe for it; what was \
         done stays done. Restore the database from a backup, or run the version that wrote the row."
    );
    Failure::new(Code::Parked, text).retry(Retry::Ask)
}

/// Driving the run ran into a defect.
pub(crate) fn panicked(run: RunId) -> Failure {
    let text = format!(
        "Bursar failed in an unforeseen way while it drove {run}. Nothing more is sent to Stripe for it; what was \
         done stays done, and a write that had begun is on record. Please report this, and look at its calls."
    );
    Failure::new(Code::InternalError, text).retry(Retry::Ask)
}

/// What a step gets that a canceled run had not begun.
pub(crate) fn not_begun() -> Failure {
    let text = "The run was canceled before this step was sent. Nothing changed at Stripe. Start a new run if it \
                is still wanted.";
    Failure::new(Code::WorkflowFailed, text)
}

/// Stripe's tables refuse what a secret holds.
pub(crate) fn secret_does_not_fit(action: &str, names: &[String]) -> Failure {
    let text = format!(
        "What a secret holds does not fit where {action} takes it (the workflow refers to {}). Nothing was sent to \
         Stripe. Store another value with `bursar secrets set`, or correct the workflow.",
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    Failure::new(Code::ValidationError, text)
}

/// A step's output is one page; the checker says so of what is written plainly.
pub(crate) fn whole_listing(action: &str, prefix: &str) -> Failure {
    let text = format!(
        "The output of a step is one page, and `all` asks for every page of {action}. Nothing was sent to Stripe. \
         Leave `all` out; `limit` and `startingAfter` choose the page."
    );
    Failure::new(Code::ValidationError, text).at(format!("{prefix}all"))
}

/// The connection by which the step was first sent is not there any more.
pub(crate) fn connection_gone(path: &StepPath, name: &str, bound: &Binding) -> Failure {
    let name: String = name.chars().take(100).collect();
    let text = format!(
        "`{path}` belongs to the connection {} (account {}, mode {}), which was removed. Nothing was sent to Stripe: \
         another connection that is called `{name}` now may be of another account. Do what is left in Stripe's \
         dashboard of {}, then say so of the run.",
        bound.connection, bound.account, bound.mode, bound.account
    );
    Failure::new(Code::ConnectionRequired, text)
}

/// A document refers to a secret that the company does not have.
pub(crate) fn secret_missing(name: &str) -> Failure {
    let text = format!(
        "The secret `{name}`, to which the workflow refers, is not stored. Nothing was sent to Stripe. Add it \
         with `bursar secrets set {name}`."
    );
    Failure::new(Code::ValidationError, text).at(format!("secrets.{name}"))
}
