//! The workflow language: documents, templates, filters, the checker and the pure core.
//!
//! No effect at all: no clock, no network, no randomness, no database. The same
//! history always gives the same commands, which is what makes replay possible.

mod check;
mod core;
mod document;
mod duration;
mod filter;
mod input;
mod notation;
mod program;
mod steps;
mod template;

pub use self::core::{
    Asked, Command, Decision, Doubt, Happened, Input, NoRetry, Phase, Resolution, RunError, State, StepError,
    StepState, Told, Undecided, advance, commands_hash,
};
pub use check::{Finding, Severity};
pub use document::{Document, Format, Source, Trigger};
pub use duration::Span;
pub use filter::{Filter, WAIT_PATHS};
pub use program::Program;
pub use template::{Scope, TemplateError, fill_secrets};

/// The version of the core's behavior. A change that would make a recorded journal
/// give other commands raises it and is gated by the version a run began with.
pub const CORE: u32 = 1;
