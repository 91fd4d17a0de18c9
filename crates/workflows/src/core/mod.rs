//! The pure function that decides what a run does next.
//!
//! `advance` reads one input and says what has to be done; it does nothing itself.
//! The state is the memory of the inputs so far and is rebuilt from them, so the
//! journal of inputs is all that a driver keeps.

mod advance;
mod begin;
mod compensate;
mod decide;
mod decision;
mod finish;
mod hash;
mod message;
mod state;
#[cfg(test)]
mod tests;

pub use advance::advance;
pub use decision::{Asked, Decision, Doubt, NoRetry, Resolution, Undecided};
pub use hash::commands_hash;
pub use message::{Command, Happened, Input, RunError, StepError, Told};
pub use state::{Phase, State, StepState};
