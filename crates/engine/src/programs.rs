//! Compiled documents, and which of them an event could start.

use std::sync::Arc;

use model::{CompanyId, Failure, WorkflowId};
use store::{Store, Workflow};
use workflows::Program;

/// Compiled programs by workflow and version, and a company's active triggers. Shared;
/// the lifecycle refreshes it in the same breath as it commits.
#[derive(Clone)]
pub struct Programs {
    // the helper's
    _store: Store,
}

/// An active workflow with its program.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct Triggered {
    pub workflow: Workflow,
    pub program: Arc<Program>,
}

impl Programs {
    /// Over this store; compiles when asked.
    pub fn new(_store: Store) -> Self {
        todo!()
    }

    /// The program of a version. Versions never change, so it is kept.
    ///
    /// # Errors
    /// `not_found`; `internal_error` when a stored document does not compile any more.
    pub async fn get(&self, _workflow: WorkflowId, _version: u32) -> Result<Arc<Program>, Failure> {
        todo!()
    }

    /// A company's active workflows with webhook triggers.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn active(&self, _company: CompanyId) -> Result<Arc<Vec<Triggered>>, Failure> {
        todo!()
    }

    /// Forgets which of a company's workflows are active.
    pub fn refresh(&self, _company: CompanyId) {
        todo!()
    }
}
