//! What the checker finds, and the checks that need the catalog and Stripe's tables.
//!
//! Reading a document already refuses what is not of the language. What is left is
//! whether it means something: actions and their fields, references, event types,
//! money.

mod calls;
mod events;
mod finding;
mod inputs;
mod names;
mod references;
mod requests;
mod shapes;
mod sites;
#[cfg(test)]
mod tests;

use actions::Catalog;

pub(crate) use events::{event_type, payload_paths};
pub use finding::{Finding, Severity};
pub(crate) use names::{did_you_mean, nearest};

use crate::document::Document;
use crate::notation::Findings;

/// Checks a document against the catalog and Stripe's tables.
pub(crate) fn check(document: &Document, catalog: &Catalog, found: &mut Findings<'_>) {
    calls::check(document, catalog, found);
    references::check(document, catalog, found);
}
