//! The embedded driver.

use std::sync::Arc;

use actions::Catalog;
use calls::Caller;
use connections::{Connections, Vault, Wanted};
use model::{Cause, Clock, CompanyId, Failure, Rng, RunId, WorkflowId};
use serde_json::Value;
use store::{Epoch, NewRun, ReceiptFilter, Run, Store};
use tokio::sync::broadcast;

use crate::{Programs, Progress, RunView};

/// What a driver is made of.
#[derive(Clone)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct Parts {
    pub store: Store,
    pub vault: Vault,
    pub connections: Connections,
    pub caller: Caller,
    pub catalog: Catalog,
    pub programs: Programs,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// Most runs driven at once.
    pub concurrency: usize,
}

/// A run that somebody asks for.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct Start {
    pub company: CompanyId,
    pub workflow: WorkflowId,
    pub cause: Cause,
    pub input: Value,
    pub connection: Wanted,
}

/// The run of that cause.
#[derive(Debug, Clone)]
pub struct Started {
    /// The run.
    pub run: Run,
    /// Whether it existed before.
    pub existed: bool,
}

/// Drives runs. Clones share everything.
#[derive(Clone)]
pub struct Driver {
    // the helper's
    _parts: Arc<Parts>,
}

impl Driver {
    /// Takes over the database (fences earlier drivers), and resumes every open run.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn open(_parts: Parts) -> Result<Self, Failure> {
        todo!()
    }

    /// Starts a run, or finds the one that this cause started. Safe to repeat.
    ///
    /// # Errors
    /// `not_found`, `workflow_not_active`, `validation_error` for the input,
    /// `connection_required`, `conflict` when the cause had another input,
    /// `store_unavailable`. Nothing was started.
    pub async fn start(&self, _start: Start) -> Result<Started, Failure> {
        todo!()
    }

    /// The row of a run that an event starts, for the dispatcher's unit. Reads and
    /// checks, writes nothing.
    ///
    /// # Errors
    /// `connection_required` and whatever else keeps the run from being made.
    pub async fn plan_event_run(
        &self,
        _triggered: &crate::Triggered,
        _receipt: &store::Receipt,
    ) -> Result<NewRun, Failure> {
        let _: Option<ReceiptFilter> = None;
        todo!()
    }

    /// The epoch of this driver's writes.
    pub fn epoch(&self) -> Epoch {
        todo!()
    }

    /// Looks at a run: new, told something, or due. Safe to repeat.
    pub fn wake(&self, _run: RunId) {
        todo!()
    }

    /// Asks a run to stop. A sent write is settled first; completed steps are
    /// compensated. Safe to repeat; an ended run stays as it is.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn cancel(&self, _company: CompanyId, _run: RunId) -> Result<Run, Failure> {
        todo!()
    }

    /// A run with its steps.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn show(&self, _company: CompanyId, _run: RunId) -> Result<RunView, Failure> {
        todo!()
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Progress> {
        todo!()
    }

    /// Returns when no run can go on before a timer, an event or a person; for tests
    /// and the simulation.
    pub async fn drive_until_idle(&self) {
        todo!()
    }

    /// Stops taking up work, lets commits in flight finish, and returns.
    pub async fn shutdown(&self) {
        todo!()
    }
}
