//! Templates: minijinja expressions with fuel and strict undefined.

/// The names that a template sees.
#[derive(Debug, Clone)]
pub struct Scope {
    // the helper's
}

/// A template that could not be evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong and where.
    pub message: String,
}
