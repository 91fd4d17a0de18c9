//! The inbox of Stripe events: verify, store, answer; then the dispatcher, which
//! starts runs and tells waits.
//!
//! *Received* and *done* are different facts. A 200 means "on disk"; the receipt in
//! state `received` is itself the record that it has to be dispatched.

mod dispatcher;
mod event;
mod failures;
mod inbox;
mod look;
mod read;
mod sources;
#[cfg(test)]
mod tests;

pub use dispatcher::{Dispatcher, RETRIES};
pub use event::{EventHead, EventView};
pub use inbox::{Inbox, LARGEST_BODY, Received};
pub use sources::{NewSource, Sources};
