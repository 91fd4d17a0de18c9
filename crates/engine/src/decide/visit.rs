//! Being in a run's place for a while.

use std::{sync::Arc, time::Duration};

use model::{CompanyId, Failure, RunId, RunStatus};
use store::Run;

use super::refusals;
use crate::{failures, inner::Inner};

/// How long a visitor waits before it looks whether waiting still makes sense.
const LOOK: Duration = Duration::from_millis(100);

/// The place of a run that stands still, held by somebody who decides about it. The
/// run's own task gets it back, and looks at the run, when this is dropped.
pub(super) struct Visit {
    inner: Arc<Inner>,
    run: RunId,
}

impl Visit {
    /// Takes the place of a parked or ended run, waiting for a task that is just about
    /// to leave it.
    pub(super) async fn enter(inner: &Arc<Inner>, run: RunId) -> Result<Self, Failure> {
        while !inner.slots.take(run) {
            let row = inner.parts.store.run(run).await.map_err(|e| failures::read(&e))?;
            if row.is_none_or(|row| !stands_still(row.status)) {
                return Err(refusals::going(run));
            }
            let _ = tokio::time::timeout(LOOK, inner.slots.someone_left()).await;
        }
        Ok(Self { inner: inner.clone(), run })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.inner.slots.abandon(self.run);
        self.inner.wake(self.run);
    }
}

/// Whether a run goes on only when somebody decides.
pub(super) fn stands_still(status: RunStatus) -> bool {
    status.is_final() || status == RunStatus::Parked
}

/// A company's run.
pub(super) async fn row(inner: &Inner, company: CompanyId, run: RunId) -> Result<Run, Failure> {
    let row = inner.parts.store.run(run).await.map_err(|e| failures::read(&e))?;
    row.filter(|row| row.company == company).ok_or_else(|| failures::not_found("run", run))
}
