//! One world: Stripe, customers, callers and the post, which live on, and Bursar,
//! which dies and comes back.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use model::{Clock, Failure, Rng, SeededRng};
use sandbox::Watched;
use server::{App, ServerLimits};
use store::{Memory, MemoryOptions, Store};
use stripe::Transport;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    disk::Disk,
    gate::{Boundary, Death, Gate},
    plan::{Downtime, Plan},
    planted::Planted,
    record::Record,
    wire::{Sent, Wire},
};
use crate::{
    clock::SimClock,
    parts::{self, Master, Setup},
};

/// The longest sync of the simulated disk, in milliseconds.
const SYNC_MS_MAX: u64 = 12;

/// Bursar between two deaths.
pub struct Incarnation {
    /// The parts.
    pub app: App,
    /// The HTTP surface.
    pub router: Router,
    gate: Arc<Gate>,
}

impl Incarnation {
    /// What it answers; `None` when it died before.
    pub async fn ask<T>(&self, question: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.gate.died() => None,
            answer = question => Some(answer),
        }
    }
}

/// Everything there is in one simulation.
pub struct World {
    /// What will happen.
    pub plan: Plan,
    /// The one time.
    pub clock: Arc<SimClock>,
    /// Stripe.
    pub sandbox: Watched,
    /// What was promised.
    pub record: Record,
    /// What the set-up made.
    pub setup: Setup,
    /// What is wrong on purpose.
    pub planted: Planted,
    master: Master,
    rng: Arc<SeededRng>,
    sent: Sent,
    memory: Arc<Mutex<Arc<Memory>>>,
    up: Mutex<Option<Arc<Incarnation>>>,
    /// Wakes in the order of asking; a watch channel would wake in a random one.
    came_up: Notify,
    deaths: Mutex<Vec<(Boundary, Downtime)>>,
    stop: CancellationToken,
}

impl World {
    /// A world in which nothing has happened yet but the set-up.
    ///
    /// # Errors
    /// Whatever the set-up refuses.
    pub async fn new(plan: Plan, planted: Planted) -> Result<Arc<Self>, Failure> {
        let clock = Arc::new(SimClock::new());
        let sandbox = parts::quiet_sandbox(plan.seed, clock.clone()).await;
        let master = Master::new();
        let rng = Arc::new(SeededRng::new(plan.seed));
        let memory = Arc::new(Memory::new(MemoryOptions {
            seed: rng.next_u64(),
            sync_ms_max: SYNC_MS_MAX,
            loses_nothing: planted == Planted::LosesNothing,
        }));
        let app = assemble(memory.clone(), &master, sandbox.transport(), clock.clone(), rng.clone()).await?;
        let setup = parts::set_up(&app, &sandbox).await?;
        app.driver.shutdown().await;
        // Nothing of the set-up waits to be written: the first incarnation finds all of it.
        let memory = Arc::new(memory.crash());
        Ok(Arc::new(Self {
            plan,
            clock,
            sandbox,
            record: Record::default(),
            setup,
            planted,
            master,
            rng,
            sent: Sent::default(),
            memory: Arc::new(Mutex::new(memory)),
            up: Mutex::default(),
            came_up: Notify::new(),
            deaths: Mutex::default(),
            stop: CancellationToken::new(),
        }))
    }

    /// The store as it is now; after a death, what is left of it.
    pub fn memory(&self) -> Arc<Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The present incarnation, if one is up.
    pub fn now_up(&self) -> Option<Arc<Incarnation>> {
        self.up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The present incarnation, or the next one.
    pub async fn up(&self) -> Arc<Incarnation> {
        loop {
            let came_up = self.came_up.notified();
            tokio::pin!(came_up);
            came_up.as_mut().enable();
            if let Some(incarnation) = self.now_up() {
                return incarnation;
            }
            came_up.await;
        }
    }

    fn set_up(&self, incarnation: Option<Arc<Incarnation>>) {
        *self.up.lock().unwrap_or_else(PoisonError::into_inner) = incarnation;
        self.came_up.notify_waiters();
    }

    /// The deaths so far.
    pub fn deaths(&self) -> Vec<(Boundary, Downtime)> {
        self.deaths.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the life of Bursar without another death.
    pub fn end(&self) {
        self.stop.cancel();
    }

    /// Lives one life after another; after the last planned death it stays up.
    pub async fn live(self: Arc<Self>) {
        let mut planned = self.plan.deaths.clone().into_iter();
        loop {
            let next = planned.next();
            let gate = self.incarnate(next.map(|(death, _)| death)).await;
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = gate.died() => {}
            }
            self.set_up(None);
            if let (Some(at), Some((_, downtime))) = (gate.dead(), next) {
                self.deaths.lock().unwrap_or_else(PoisonError::into_inner).push((at, downtime));
                tokio::time::sleep(downtime.length()).await;
            }
        }
    }

    /// A new incarnation over what is left, which may die while it still begins.
    async fn incarnate(&self, death: Option<Death>) -> Arc<Gate> {
        let memory = self.memory();
        let slot = self.memory.clone();
        let dying = memory.clone();
        let gate = Arc::new(Gate::new(move || {
            let left = Arc::new(dying.crash());
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = left;
        }));
        gate.plan(death);
        let disk = Arc::new(Disk::new(memory, gate.clone(), self.planted));
        let wire = Wire::new(
            self.sandbox.transport(),
            gate.clone(),
            self.rng.next_u64(),
            self.planted,
            self.sent.clone(),
        )
        .secretive(self.plan.secretive);
        let begun = assemble(disk, &self.master, Arc::new(wire), self.clock.clone(), self.rng.clone());
        let app = tokio::select! {
            biased;
            () = gate.died() => return gate,
            app = begun => app,
        };
        match app {
            Ok(app) => self.begin(app, gate.clone()),
            Err(failure) => {
                self.record.trouble(format!("a restart failed: {failure:?}"));
                // Somebody would start it again.
                tokio::time::sleep(Duration::from_secs(1)).await;
                gate.kill(Boundary::BeforeCommit);
            }
        }
        gate
    }

    fn begin(&self, app: App, gate: Arc<Gate>) {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        app.run_background(&tasks, &stop);
        let died = gate.clone();
        tasks.spawn(async move {
            died.died().await;
            stop.cancel();
        });
        let router = server::router(app.clone());
        self.set_up(Some(Arc::new(Incarnation { app, router, gate })));
    }
}

/// An application with the bounds that a server has by itself.
async fn assemble(
    store: Store,
    master: &Master,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Result<App, Failure> {
    parts::assemble(store, master, transport, clock, rng, ServerLimits::default()).await
}
