//! What all clones of a driver and all its tasks share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use model::{RunId, RunStatus, StepPath, StepStatus, Timestamp};
use store::{CommitError, Effected, Epoch, ReadError, Unit, Write};
use tokio::sync::broadcast;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Parts, Progress, attend, permits::Permits, rows, session::Session, slots::Slots, timers::Timers,
    trouble::Trouble,
};

/// Most changes that a slow listener can be behind.
const TOLD: usize = 4_096;

pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) epoch: Epoch,
    pub(crate) slots: Slots,
    pub(crate) timers: Timers,
    pub(crate) permits: Permits,
    pub(crate) tracker: TaskTracker,
    pub(crate) stop: CancellationToken,
    fenced: AtomicBool,
    progress: broadcast::Sender<Progress>,
}

impl Inner {
    pub(crate) fn new(parts: Parts, epoch: Epoch) -> Self {
        Self {
            permits: Permits::new(parts.concurrency),
            parts,
            epoch,
            slots: Slots::default(),
            timers: Timers::default(),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            fenced: AtomicBool::new(false),
            progress: broadcast::channel(TOLD).0,
        }
    }

    /// The present, as the store can keep it.
    pub(crate) fn now(&self) -> Timestamp {
        rows::stored(self.parts.clock.now())
    }

    /// Looks at a run: starts a task for it, or tells the task that has it.
    pub(crate) fn wake(self: &Arc<Self>, run: RunId) {
        if self.stop.is_cancelled() {
            return;
        }
        if let Some(slot) = self.slots.enter(run) {
            self.tracker.spawn(attend::attend(self.clone(), run, slot));
        }
    }

    /// Wakes the runs whose timers are due.
    pub(crate) fn wake_due(self: &Arc<Self>) {
        for run in self.timers.due(self.parts.clock.now()) {
            self.wake(run);
        }
    }

    /// Looks at every run that has not ended.
    pub(crate) async fn resume(self: &Arc<Self>) -> Result<(), ReadError> {
        for run in self.parts.store.open_runs().await? {
            self.wake(run.id);
        }
        Ok(())
    }

    /// Another driver has taken over: nothing more is begun here.
    pub(crate) fn fence(&self) {
        if !self.fenced.swap(true, Ordering::SeqCst) {
            tracing::error!(
                "another process has taken over the driving of this database; this one stops driving"
            );
        }
        self.stop.cancel();
    }

    pub(crate) fn fenced(&self) -> bool {
        self.fenced.load(Ordering::SeqCst)
    }

    /// Commits for a run.
    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<Vec<Effected>, Trouble> {
        if self.stop.is_cancelled() {
            return Err(Trouble::Stopped);
        }
        Ok(self.parts.store.commit(Unit::background(writes)).await?)
    }

    /// Commits what somebody asked for, and wakes the run that it is about, also when
    /// whoever asked has left meanwhile: nobody else would look at that run.
    pub(crate) async fn commit_and_wake(
        self: &Arc<Self>,
        writes: Vec<Write>,
        run: RunId,
    ) -> Result<Vec<Effected>, CommitError> {
        let inner = self.clone();
        let committing = self.tracker.spawn(async move {
            let done = inner.parts.store.commit(Unit::interactive(writes)).await;
            let run = match done.as_deref() {
                Ok([Effected::Started { run, .. }]) => *run,
                // A commit without an answer may be there all the same.
                _ => run,
            };
            inner.wake(run);
            done
        });
        let stopped = |_| Err(CommitError::Unavailable("the process is stopping".into()));
        committing.await.unwrap_or_else(stopped)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Whether telling costs nothing because nobody listens.
    pub(crate) fn unheard(&self) -> bool {
        self.progress.receiver_count() == 0
    }

    pub(crate) fn tell(&self, progress: Progress) {
        // Nobody listening is fine.
        let _ = self.progress.send(progress);
    }

    pub(crate) fn tell_run(&self, session: &Session, status: RunStatus) {
        self.tell(Progress::Run {
            company: session.run.company,
            run: session.run.id,
            workflow: session.run.key.to_string(),
            status,
            at: self.now(),
        });
    }

    pub(crate) fn tell_step(
        &self,
        session: &Session,
        step: StepPath,
        status: StepStatus,
        why: Option<String>,
    ) {
        self.tell(Progress::Step {
            company: session.run.company,
            run: session.run.id,
            workflow: session.run.key.to_string(),
            step,
            status,
            at: self.now(),
            stripe_request_id: None,
            why,
        });
    }
}
