//! The embedded driver.
//!
//! Its tasks hold what they share and not the driver: when the last clone of the
//! driver is dropped, they stop at their next step. What they leave undone is in
//! the store, and the next driver goes on with it.

use std::{sync::Arc, time::Duration};

use actions::Catalog;
use calls::Caller;
use connections::{Connections, Vault, Wanted};
use model::{Cause, Clock, CompanyId, Failure, KeyId, Rng, RunId, RunStatus, WorkflowId};
use serde_json::Value;
use store::{CommitError, Effected, Epoch, Refusal, Run, Store, Unit, Write};
use tokio::sync::broadcast;
use tokio_util::sync::DropGuard;

use crate::{
    Programs, Progress, RunView, decide, failures, inner::Inner, session::Session, show, trouble::Trouble,
};

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
    /// Most runs driven at once. A run that sleeps or waits does not count; one whose
    /// call waits for Stripe does, so be generous.
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

/// Drives runs. Clones share everything; dropping the last one stops the driving.
#[derive(Clone)]
pub struct Driver {
    pub(crate) inner: Arc<Inner>,
    _stop: Arc<DropGuard>,
}

impl Driver {
    /// Takes over the database (fences earlier drivers), and resumes every open run.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn open(parts: Parts) -> Result<Self, Failure> {
        let taken = parts.store.commit(Unit::interactive(vec![Write::TakeDriver])).await;
        let epoch = match taken.map_err(|e| failures::commit(&e))?.first() {
            Some(Effected::Driver(epoch)) => *epoch,
            _ => return Err(failures::no_epoch()),
        };
        let inner = Arc::new(Inner::new(parts, epoch));
        let driver = Self { _stop: Arc::new(inner.stop.clone().drop_guard()), inner };
        driver.inner.resume().await.map_err(|e| failures::read(&e))?;
        driver.inner.tracker.spawn(tick(driver.inner.clone()));
        Ok(driver)
    }

    /// The epoch of this driver's writes.
    pub fn epoch(&self) -> Epoch {
        self.inner.epoch
    }

    /// Whether another driver has taken over; then this one does nothing any more.
    pub fn fenced(&self) -> bool {
        self.inner.fenced()
    }

    /// Another driver was met in the store: stops everything here.
    pub fn fence(&self) {
        self.inner.fence();
    }

    /// Looks at a run: new, told something, or due. Safe to repeat.
    pub fn wake(&self, run: RunId) {
        self.inner.wake(run);
    }

    /// The runs of a company that have not ended; for whoever removes them, and has them
    /// looked at afterwards so that nobody drives on what is gone.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn open_of(&self, company: CompanyId) -> Result<Vec<RunId>, Failure> {
        let open = self.inner.parts.store.open_runs().await.map_err(|e| failures::read(&e))?;
        Ok(open.into_iter().filter(|run| run.company == company).map(|run| run.id).collect())
    }

    /// Looks at every open run, as soon as the store answers: for a caller whose
    /// commit may have told runs something without learning which. Safe to repeat.
    pub fn wake_all(&self) {
        let inner = self.inner.clone();
        self.inner.tracker.spawn(async move {
            while !inner.stop.is_cancelled() && inner.resume().await.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }

    /// Asks a run to stop. A sent write is settled first; completed steps are
    /// compensated. A parked step has to be resolved before: the run stops then. Safe to
    /// repeat; an ended run stays as it is. The entry in the audit log is in the unit that
    /// asks, and only the first to ask has one.
    ///
    /// # Errors
    /// `not_found`; `parked` when the run cannot be driven any more; `store_unavailable`.
    pub async fn cancel(&self, company: CompanyId, run: RunId, by: KeyId) -> Result<Run, Failure> {
        let row = self.run(company, run).await?;
        if row.status.is_final() {
            return Ok(row);
        }
        if row.status == RunStatus::Parked
            && let Err(Trouble::Park(why)) = Session::load(&self.inner, row.clone()).await
        {
            return Err(decide::undrivable(run, &why));
        }
        let entry = decide::asked_to_stop(&self.inner, &row, by);
        match self.inner.commit_and_wake(vec![Write::Cancel { run }, entry], run).await {
            // It was asked before, or has just ended.
            Ok(_) | Err(CommitError::Refused { why: Refusal::Conflict, .. }) => self.run(company, run).await,
            Err(error) => Err(failures::commit(&error)),
        }
    }

    /// A run with its steps.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn show(&self, company: CompanyId, run: RunId) -> Result<RunView, Failure> {
        let row = self.run(company, run).await?;
        show::view(&self.inner.parts, row).await
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Progress> {
        self.inner.subscribe()
    }

    /// Returns when no run can go on before a timer, an event or a person; for tests
    /// and the simulation. A call that waits for Stripe is waited for.
    pub async fn drive_until_idle(&self) {
        loop {
            self.inner.wake_due();
            self.inner.slots.until_empty().await;
            if self.inner.stop.is_cancelled() || !self.inner.timers.any_due(self.inner.parts.clock.now()) {
                return;
            }
        }
    }

    /// Stops taking up work, lets commits in flight finish, and returns. What is left
    /// undone is in the store.
    pub async fn shutdown(&self) {
        self.inner.stop.cancel();
        self.inner.tracker.close();
        self.inner.tracker.wait().await;
    }

    async fn run(&self, company: CompanyId, run: RunId) -> Result<Run, Failure> {
        let row = self.inner.parts.store.run(run).await.map_err(|e| failures::read(&e))?;
        row.filter(|row| row.company == company).ok_or_else(|| failures::not_found("run", run))
    }
}

/// Wakes runs as their timers fall due.
async fn tick(inner: Arc<Inner>) {
    while !inner.stop.is_cancelled() {
        inner.wake_due();
        tokio::select! {
            () = inner.timers.rest(inner.parts.clock.now()) => {}
            () = inner.stop.cancelled() => {}
        }
    }
}
