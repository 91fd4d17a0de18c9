//! The driver: performs what the workflow core decides, and writes it down.
//!
//! Also the lifecycle of workflows, which decides what a saved document becomes.
//! One driving process per database. Knows neither HTTP nor signatures.
//!
//! The rule behind every line: nothing is performed from memory that disagrees with
//! the store. A run's memory is made from its journal; whenever a commit's result is
//! in doubt the memory is thrown away and made again.

mod attend;
mod batch;
mod decide;
mod driver;
mod failures;
mod inner;
mod journal;
mod known;
mod lifecycle;
mod perform;
mod permits;
mod prepare;
mod programs;
mod progress;
mod rows;
mod session;
mod show;
mod slots;
mod start;
mod take_in;
mod timers;
mod trouble;
mod ways;

#[cfg(test)]
mod tests;

pub use decide::{Decided, Person, Say, Word};
pub use driver::{Driver, Parts, Start, Started};
pub use known::{Known, KnownCall};
pub use lifecycle::{Lifecycle, Pushed};
pub use programs::{Listening, Programs, Triggered};
pub use progress::Progress;
pub use rows::{open_event, secret_row};
pub use show::{DecisionView, RunView, StepView};
pub use ways::Way;
