//! Every class of finding, with its place.

mod documents;
mod language;
mod meaning;
mod requests;

use actions::Catalog;

use crate::{Finding, Program, Severity, Source};

pub(super) fn findings(text: &str) -> Vec<Finding> {
    match Program::compile(&Source::new("test", text), &Catalog) {
        Ok((_, warnings)) => {
            assert!(warnings.iter().all(|f| f.severity == Severity::Warning), "{warnings:#?}");
            warnings
        }
        Err(found) => {
            assert!(found.iter().any(|f| f.severity == Severity::Error), "{found:#?}");
            found
        }
    }
}

/// The one finding of a document.
pub(super) fn only(text: &str) -> Finding {
    let mut found = findings(text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    found.remove(0)
}

/// A document with these steps, each on a line of its own from line 4.
pub(super) fn with_steps(steps: &str) -> String {
    format!("name: Test\ntrigger: {{ type: api }}\nsteps:\n{}\n", steps.trim_end())
}

pub(super) const CUSTOMER: &str =
    "  - { id: customer, action: stripe.createCustomer, config: { email: a@example.com } }\n";

/// Checks code, place and words of the only finding.
pub(super) fn expect(text: &str, code: &str, at: (u32, u32), says: &str) {
    let found = only(text);
    let shown = format!("{} {}", found.message, found.fix.clone().unwrap_or_default());
    assert_eq!((found.code, (found.line, found.column)), (code, at), "{text}\n{found:#?}");
    assert!(shown.contains(says), "{text}\n{found:#?}");
}
