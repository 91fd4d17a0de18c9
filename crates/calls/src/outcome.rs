//! How a call ended.

use model::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stripe::{Answer, StripeError};

/// How a call ended, as far as it has.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// Stripe did it. For a write whose answer was lost and that was found done by
    /// reconciliation, the body is the object as read.
    Done(Answer),
    /// Stripe answered no.
    Rejected(StripeError),
    /// Nobody can find out by machine; a person has to decide.
    Parked(Known),
    /// It was surely not done: Stripe failed at it and looking showed that nothing came
    /// of it, or a person decided so. It is not sent under this key again.
    NotDone(Failure),
}

/// What is known of a call that nobody can settle by machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// The failure as every surface shows it, code `parked`.
    pub failure: Failure,
    /// What reconciliation saw: candidates, states.
    pub seen: Value,
}

impl Settled {
    /// The failure of what did not get done; `None` for `Done`.
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Done(_) => None,
            Self::Rejected(error) => Some(error.to_failure()),
            Self::Parked(known) => Some(known.failure.clone()),
            Self::NotDone(why) => Some(why.clone()),
        }
    }

    /// Stripe's id of the answer.
    pub fn stripe_request_id(&self) -> Option<&str> {
        match self {
            Self::Done(answer) => answer.headers.request_id.as_deref(),
            Self::Rejected(error) => error.headers.request_id.as_deref(),
            Self::Parked(_) | Self::NotDone(_) => None,
        }
    }
}
