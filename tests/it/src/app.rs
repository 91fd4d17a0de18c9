//! One application and its Stripe, for tests that say what happens and when.

use std::{sync::Arc, time::Duration};

use axum::Router;
use bytes::Bytes;
use connections::Wanted;
use engine::{RunView, Start};
use model::{CallerKey, Cause, Clock, RunId, SeededRng, StepStatus};
use sandbox::{Delivery, Watched};
use serde_json::{Value, json};
use server::{App, ServerLimits};
use store::{Memory, MemoryOptions, Page, Run, RunFilter, Store};
use stripe::Transport;

use crate::{
    clock::SimClock,
    http::{self, Answer},
    parts::{self, Master, Setup},
};

/// An application with both examples active, connected to a sandbox of its own.
///
/// Nothing happens by itself: the dispatcher and the post move in [`TestApp::until_idle`].
/// Needs tokio's paused time, or waiting takes as long as it says.
pub struct TestApp {
    /// The parts.
    pub app: App,
    /// The HTTP surface.
    pub router: Router,
    /// Stripe.
    pub sandbox: Watched,
    /// The one time.
    pub clock: Arc<dyn Clock>,
    /// What the set-up made.
    pub setup: Setup,
    _master: Master,
}

/// From the direct way to Stripe to the one that is taken.
pub type Through = dyn FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>;

/// What a test application differs in from others.
pub struct Conditions {
    /// What ids and everything random are made from.
    pub seed: u64,
    /// The one time.
    pub clock: Arc<dyn Clock>,
    /// The way to Stripe, given the direct one.
    pub way: Box<Through>,
    /// The database, given the one in memory.
    pub store: Box<dyn FnOnce(Store) -> Store>,
    /// How long a call is waited for.
    pub budget: Duration,
    /// The bounds of the HTTP surface.
    pub server: ServerLimits,
}

impl Default for Conditions {
    /// Seed 1, tokio's time, nothing in the way.
    fn default() -> Self {
        Self {
            seed: 1,
            clock: Arc::new(SimClock::new()),
            way: Box::new(|direct| direct),
            store: Box::new(|memory| memory),
            budget: calls::BUDGET,
            server: ServerLimits::default(),
        }
    }
}

impl TestApp {
    /// An application from seed 1.
    pub async fn new() -> Self {
        Self::from_seed(1).await
    }

    /// An application from this seed.
    ///
    /// # Panics
    /// When the set-up is refused: then there is nothing to test.
    pub async fn from_seed(seed: u64) -> Self {
        Self::under(Conditions { seed, ..Conditions::default() }).await
    }

    /// An application under these conditions.
    ///
    /// # Panics
    /// When the set-up is refused: then there is nothing to test.
    pub async fn under(conditions: Conditions) -> Self {
        let Conditions { seed, clock, way, store, budget, server } = conditions;
        let sandbox = parts::quiet_sandbox(seed, clock.clone()).await;
        let master = Master::new();
        let memory = Arc::new(Memory::new(MemoryOptions { seed, sync_ms_max: 1, loses_nothing: false }));
        let rng = Arc::new(SeededRng::new(seed));
        let (store, transport) = (store(memory), way(sandbox.transport()));
        let app = parts::assemble(store, &master, transport, clock.clone(), rng, server).await;
        let mut app = app.expect("a fresh application starts");
        app.caller = app.caller.with_budget(budget);
        let setup = parts::set_up(&app, &sandbox).await.expect("the examples and the sandbox fit");
        Self { router: server::router(app.clone()), app, sandbox, clock, setup, _master: master }
    }

    /// Starts "Invoice and payment" under this key, or finds the run that it started.
    ///
    /// # Panics
    /// When the start is refused.
    pub async fn run_example(&self, key: &str) -> RunId {
        let start = Start {
            company: self.setup.company,
            workflow: self.setup.invoice,
            cause: Cause::Caller(CallerKey::parse(key).expect("a test's key is a key")),
            input: json!({ "email": format!("{key}@example.com"), "amount": 1999 }),
            connection: Wanted::Default,
        };
        self.app.driver.start(start).await.expect("an example starts").run.id
    }

    /// Lets everything happen that can happen now or soon: runs, deliveries, dispatches
    /// and Stripe's retries; returns when only customers, people and far timers are left.
    ///
    /// # Panics
    /// When it has not come to rest after an hour of its own time.
    pub async fn until_idle(&self) {
        for _ in 0..3_600 {
            self.app.driver.drive_until_idle().await;
            let mut moved = self.app.dispatcher.step().await.expect("the store in memory can be read");
            for delivery in self.sandbox.due_deliveries() {
                let answer = self.carry(&delivery).await;
                self.sandbox.carried(delivery.id, answer.status);
                moved += 1;
            }
            if moved > 0 {
                continue;
            }
            if self.sandbox.open_deliveries() == 0 && !self.has_work().await {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("an hour has passed and there is still something to do");
    }

    /// Whether a run is on its way by itself.
    async fn has_work(&self) -> bool {
        let open = self.app.store.open_runs().await.expect("the store in memory can be read");
        open.iter().any(|run| !matches!(run.status.as_str(), "suspended" | "parked"))
    }

    /// Pays every invoice whose run waits for it, as the customers would.
    ///
    /// # Panics
    /// When Stripe refuses a payment.
    pub async fn pay_when_waiting(&self) {
        self.until_idle().await;
        for run in self.app.store.open_runs().await.expect("the store in memory can be read") {
            let view = self.show(run.id).await;
            let waits = |s: &engine::StepView| s.step.as_str() == "paid" && s.status == StepStatus::Suspended;
            let Some(invoice) = output(&view, "invoice").filter(|_| view.steps.iter().any(waits)) else {
                continue;
            };
            let id = invoice["id"].as_str().unwrap_or_default();
            self.sandbox.pay_invoice(id, "pm_card_visa").await.expect("the customer can pay");
        }
    }

    /// A run with its steps.
    ///
    /// # Panics
    /// When there is no such run.
    pub async fn show(&self, run: RunId) -> RunView {
        self.app.driver.show(self.setup.company, run).await.expect("the run exists")
    }

    /// The runs of "Thank the customer", newest first.
    ///
    /// # Panics
    /// Never: the store is in memory.
    pub async fn thanks(&self) -> Vec<Run> {
        let filter = RunFilter { workflow: Some(self.setup.thanks), status: None };
        let page = Page { limit: 100, after: None };
        self.app
            .store
            .runs(self.setup.company, filter, page)
            .await
            .expect("the store in memory can be read")
            .rows
    }

    /// Carries a delivery of Stripe's; the answer is not reported back.
    pub async fn carry(&self, delivery: &Delivery) -> Answer {
        self.deliver(Some(delivery.signature.as_bytes()), delivery.body.clone()).await
    }

    /// Delivers a body under a `Stripe-Signature`, through the whole HTTP surface.
    pub async fn deliver(&self, signature: Option<&[u8]>, body: impl Into<Bytes>) -> Answer {
        http::deliver(&self.router, self.setup.company, signature, body).await
    }

    /// How many events are stored.
    ///
    /// # Panics
    /// Never: the store is in memory.
    pub async fn stored_events(&self) -> usize {
        let list = self.app.inbox.list(self.setup.company, store::ReceiptFilter::default(), 100, None).await;
        list.expect("the store in memory can be read").rows.len()
    }
}

/// The output of a step, if it has one.
pub fn output<'a>(view: &'a RunView, step: &str) -> Option<&'a Value> {
    view.steps.iter().find(|s| s.step.as_str() == step)?.output.as_ref()
}
