//! The inbox of Stripe events: verify, store, answer; then the dispatcher, which
//! starts runs and tells waits.
//!
//! *Received* and *done* are different facts. A 200 means "on disk"; the receipt in
//! state `received` is itself the record that it has to be dispatched.

mod claims;
mod dispatcher;
mod ending;
mod event;
mod failures;
mod inbox;
mod installation;
mod look;
mod owners;
mod read;
mod sources;
#[cfg(test)]
mod tests;
mod unclaimed;

pub use claims::Claims;
pub use dispatcher::{Dispatcher, RETRIES};
pub use event::{EventHead, EventView};
pub use inbox::{Inbox, LARGEST_BODY, Received};
pub use installation::Routed;
pub use sources::{NewSource, OLD_SECRET, SOURCES_MAX, Sources};
pub use unclaimed::{
    UNCLAIMED_BYTES_MAX, UNCLAIMED_FOR, UNCLAIMED_MAX, UNCLAIMED_OF_ACCOUNT_BYTES_MAX,
    UNCLAIMED_OF_ACCOUNT_MAX,
};
