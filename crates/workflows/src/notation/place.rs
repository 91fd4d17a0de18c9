//! Where a finding stands, and the list that findings are gathered in.

use crate::{Finding, Severity};

/// More warnings than this help nobody. Errors have as much room again: warnings never
/// push out the error that keeps a document from running.
const WARNINGS_MAX: usize = 200;
const FINDINGS_MAX: usize = 2 * WARNINGS_MAX;

/// Gathers findings and gives each its line and column.
pub(crate) struct Findings<'a> {
    text: &'a str,
    list: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, list: Vec::new() }
    }

    /// An error at a byte of the text.
    pub fn error(
        &mut self,
        at: usize,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        self.push(finding(self.text, at, code, path.into(), message.into(), fix));
    }

    /// A warning at a byte of the text.
    pub fn warning(
        &mut self,
        at: usize,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        let mut found = finding(self.text, at, code, path.into(), message.into(), fix);
        found.severity = Severity::Warning;
        self.push(found);
    }

    /// Adds a finding, unless it is there already.
    pub fn push(&mut self, finding: Finding) {
        let max = if finding.severity == Severity::Error { FINDINGS_MAX } else { WARNINGS_MAX };
        if self.list.len() < max && !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|f| f.severity == Severity::Error)
    }

    /// The text that findings point into.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// All findings in the order of the text.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|f| (f.line, f.column));
        self.list
    }
}

/// An error at a byte of the text. Bytes past the end stand at the end.
pub(crate) fn finding(
    text: &str,
    at: usize,
    code: &'static str,
    path: String,
    message: String,
    fix: Option<String>,
) -> Finding {
    let (line, column) = place(text, at);
    let severity = Severity::Error;
    Finding { code, severity, line, column, path, message, fix, nearest: None, allowed: Vec::new() }
}

/// Line and column, both from 1, the column in characters.
fn place(text: &str, at: usize) -> (u32, u32) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
