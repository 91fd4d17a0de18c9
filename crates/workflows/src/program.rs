//! A checked document, ready to run.

use actions::Catalog;
use model::{Failure, WorkflowKey};
use serde_json::Value;

use crate::{Finding, Source, Trigger};

/// A checked document. Cheap to share; compiled once per version.
#[derive(Debug)]
pub struct Program {
    // the helper's
    _private: (),
}

impl Program {
    /// Parses and checks. `Ok` carries warnings; `Err` has at least one error.
    ///
    /// # Errors
    /// Every finding, in the order of the text.
    pub fn compile(_source: &Source, _catalog: &Catalog) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        todo!()
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        todo!()
    }

    /// Its identity.
    pub fn key(&self) -> &WorkflowKey {
        todo!()
    }

    /// What starts it.
    pub fn trigger(&self) -> &Trigger {
        todo!()
    }

    /// The connection that the document names for its steps.
    pub fn connection(&self) -> Option<&str> {
        todo!()
    }

    /// Identity of the model, hexadecimal: equal for documents that differ in
    /// comments, key order or notation only.
    pub fn model_hash(&self) -> &str {
        todo!()
    }

    /// Fills in defaults and checks an input against `inputSchema`.
    ///
    /// # Errors
    /// `validation_error` naming the field and what was expected; nothing started.
    pub fn accept(&self, _input: Value) -> Result<Value, Failure> {
        todo!()
    }

    /// Names of the secrets that the document refers to.
    pub fn secrets(&self) -> &[String] {
        todo!()
    }
}
