//! The life of a workflow: `draft → active ⇄ paused`, any `→ archived`.

use std::sync::Arc;

use actions::Catalog;
use connections::Connections;
use model::{Clock, CompanyId, Failure, Rng, WorkflowId};
use store::{Store, Workflow};
use workflows::{Finding, Source};

use crate::Programs;

/// What a push did.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The workflow as it is now.
    pub workflow: Workflow,
    /// Whether it is new.
    pub created: bool,
    /// Whether the document differs from the version before.
    pub changed: bool,
    /// Warnings of the checker.
    pub findings: Vec<Finding>,
}

/// Saves, activates, pauses and archives workflows.
#[derive(Clone)]
pub struct Lifecycle {
    // the helper's
    _programs: Programs,
}

impl Lifecycle {
    /// Over these parts.
    pub fn new(
        _store: Store,
        _programs: Programs,
        _connections: Connections,
        _catalog: Catalog,
        _clock: Arc<dyn Clock>,
        _rng: Arc<dyn Rng>,
    ) -> Self {
        todo!()
    }

    /// Checks a document and saves it under its key: a new draft, or a new version
    /// of the workflow with that key when the document differs. Saving an active
    /// workflow makes the new version current at once; runs keep theirs. Safe to repeat.
    ///
    /// # Errors
    /// `validation_error` with `details.findings`; nothing was saved.
    pub async fn push(&self, _company: CompanyId, _source: Source) -> Result<Pushed, Failure> {
        todo!()
    }

    /// Makes a workflow active, from now on: earlier events start nothing. An active
    /// one stays as it is.
    ///
    /// # Errors
    /// `not_found`; `conflict` for an archived one; `connection_required`.
    pub async fn activate(&self, _company: CompanyId, _id: WorkflowId) -> Result<Workflow, Failure> {
        todo!()
    }

    /// Pauses an active workflow; its runs go on.
    ///
    /// # Errors
    /// `not_found`, `conflict`.
    pub async fn pause(&self, _company: CompanyId, _id: WorkflowId) -> Result<Workflow, Failure> {
        todo!()
    }

    /// Archives a workflow for good; its runs go on.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn archive(&self, _company: CompanyId, _id: WorkflowId) -> Result<Workflow, Failure> {
        todo!()
    }
}
