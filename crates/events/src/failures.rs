//! The failures that the inbox makes itself.

use model::{Code, Failure, Mode, Retry};
use store::{CommitError, ReadError, Refusal};
use stripe::signature::SignatureError;

/// A unit that was not committed, or may not have been. Stripe delivers again.
pub(crate) fn commit(error: &CommitError) -> Failure {
    if matches!(error, CommitError::Refused { why: Refusal::Removed, .. }) {
        let text = "The company was removed. Nothing was stored. Remove the endpoint at Stripe.";
        return Failure::new(Code::NotFound, text);
    }
    let text = match error {
        CommitError::Unavailable(_) => format!("{error}. Repeat: what was stored is found again."),
        _ => format!("{error}. Nothing was stored. Repeat when the database can be written."),
    };
    Failure::new(Code::StoreUnavailable, text).retry(Retry::SameKey)
}

/// The database did something, and not what was asked.
pub(crate) fn unsaid() -> Failure {
    let text = "The database did not say what it stored. Repeat: an event is received once.";
    Failure::new(Code::InternalError, text)
}

/// A read that gave nothing.
pub(crate) fn read(error: &ReadError) -> Failure {
    match error {
        ReadError::Unavailable(_) => {
            Failure::new(Code::StoreUnavailable, format!("{error}. Nothing changed. Repeat when it is back."))
                .retry(Retry::SameKey)
        }
        ReadError::Damaged { .. } => {
            Failure::new(Code::InternalError, format!("{error}. Nothing changed.")).retry(Retry::Ask)
        }
    }
}

/// Nothing is expected for the installation.
pub(crate) fn no_installation_source() -> Failure {
    let text = "No webhook endpoint of Stripe's points at this installation as a whole. Nothing was stored. Add one with \
                `bursar sources add --installation`, or let Stripe post to a company's own address.";
    Failure::new(Code::NotFound, text)
}

/// There is no such source.
pub(crate) fn unknown_source(id: &str) -> Failure {
    let text =
        format!("There is no source `{id}` here. Nothing was changed. `bursar sources list` shows them.");
    Failure::new(Code::NotFound, text)
}

/// The delivery did not prove where it comes from.
pub(crate) fn signature(error: &SignatureError) -> Failure {
    let text = format!(
        "The delivery was refused: {error}. Nothing was stored. Correct this, or make the endpoint known here if it is \
         not, and have Stripe send it again."
    );
    Failure::new(Code::InvalidSignature, text)
}

/// Test events under a live secret, or the other way round.
pub(crate) fn mode(livemode: bool, source: Mode) -> Failure {
    let text = format!(
        "The delivery was refused: the event has `livemode: {livemode}`, and the secret that signed it belongs to \
         mode {source}. Nothing was stored. Give each mode an endpoint of its own."
    );
    Failure::new(Code::InvalidSignature, text)
}

/// The body is no event.
pub(crate) fn no_event(why: impl std::fmt::Display) -> Failure {
    let text = format!(
        "The body is not a Stripe event: {why}. Nothing was stored. Only events of Stripe's belong at this address."
    );
    Failure::new(Code::ValidationError, text)
}

/// The body is longer than any event.
pub(crate) fn too_large(len: usize, most: usize) -> Failure {
    let text = format!(
        "The body has {len} bytes, and at most {most} are taken. Nothing was stored. No event of Stripe's is that large: see what posts here."
    );
    Failure::new(Code::PayloadTooLarge, text)
}

/// There is no such event.
pub(crate) fn not_found(id: &str) -> Failure {
    let id: String = id.chars().take(64).collect();
    let text = format!(
        "There is no event `{id}` here. Nothing was changed. `bursar events list` shows what there is."
    );
    Failure::new(Code::NotFound, text)
}
