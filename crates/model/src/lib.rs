//! The vocabulary of Bursar: ids, money, time, randomness, causes and the common
//! shape of errors.
//!
//! Every other crate speaks these words. This one knows none of them: no I/O, no
//! async runtime, no Stripe, no database. Whatever the store persists is named
//! here, because the store may not see `stripe`.

// No float touches money.
#![deny(clippy::float_arithmetic)]

mod binding;
mod cause;
mod clock;
mod currency;
mod failure;
mod ids;
mod key;
mod money;
mod rng;
mod sealed;
mod status;
mod step_path;

pub use binding::{Binding, Mode};
pub use cause::{CallerKey, CallerKeyError, Cause, Origin, WorkflowKey, WorkflowKeyError};
pub use clock::{Clock, ManualClock, SystemClock, from_micros, micros, seconds};
pub use currency::{Currency, MoneyError};
pub use failure::{Code, Failure, Retry};
pub use ids::{
    AccountId, AuditId, CallId, CompanyId, ConnectionId, EventId, IdError, KeyId, ReceiptId, RunId, SourceId,
    WorkflowId,
};
pub use jiff::Timestamp;
pub use key::IdempotencyKey;
pub use money::Amount;
pub use rng::{Rng, SeededRng, SystemRng};
pub use sealed::Sealed;
pub use status::{ConnectionStatus, ReceiptStatus, RunStatus, StepStatus, UnknownStatus, WorkflowStatus};
pub use step_path::{StepPath, StepPathError};
