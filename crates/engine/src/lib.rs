//! The driver: performs what the workflow core decides, and writes it down.
//!
//! Also the lifecycle of workflows, which decides what a saved document becomes.
//! One driving process per database. Knows neither HTTP nor signatures.

mod driver;
mod journal;
mod lifecycle;
mod programs;
mod progress;
mod show;

pub use driver::{Driver, Parts, Start, Started};
pub use lifecycle::{Lifecycle, Pushed};
pub use programs::{Programs, Triggered};
pub use progress::Progress;
pub use show::{RunView, StepView};
