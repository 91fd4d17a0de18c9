//! What the checker finds.

mod names;

use serde::Serialize;

pub(crate) use names::{did_you_mean, nearest};

/// Whether a finding keeps the document from running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document cannot run.
    Error,
    /// It can, but look at this.
    Warning,
}

/// One finding, located.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A closed word, `unknown_action`, `missing_parameter`, `unknown_reference` …
    pub code: &'static str,
    /// Whether it keeps the document from running.
    pub severity: Severity,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// What is wrong, as `steps[1].config.customerId`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Checks a document against the catalog and Stripe's tables.
pub(crate) fn check(
    _document: &crate::document::Document,
    _catalog: &actions::Catalog,
    _found: &mut crate::notation::Findings<'_>,
) {
}
