//! Holds what the sandbox says against the object tables, field by field: no field
//! missing, none too many, type, null and enum as the table says.
//!
//! It looks at what leaves, at the rim: answers of every kind (replays and errors with
//! their embedded objects too), events as they are recorded, and events as they are
//! delivered. Off unless [`Options::check_objects`](crate::Options::check_objects), since
//! it reads every body again. With it on a deviating answer becomes a 500 that says what
//! deviates, and everything is counted, so that a suite can tell that nothing was skipped.

mod check;
mod events;
mod findings;
mod tally;
mod watched;

pub(crate) use tally::Checker;
pub use tally::Conformance;
pub use watched::Watched;
