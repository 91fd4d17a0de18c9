//! What outlives a process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use model::{Clock, CompanyId, SeededRng, Timestamp};
use sandbox::{Hook, Options, Watched};
use store::{Memory, MemoryOptions};
use stripe::signature::{self, Secret};

use super::{
    platform::Gate,
    troubled::{Plan, Trouble, Troubled},
};

/// A clock that follows tokio's, which the tests pause.
pub(super) struct TestClock {
    begin: tokio::time::Instant,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.begin.elapsed().as_micros()).unwrap();
        model::from_micros(1_790_000_000_000_000 + passed)
    }
}

pub(super) struct World {
    pub(super) sandbox: Watched,
    pub(super) hook: Hook,
    pub(super) clock: Arc<TestClock>,
    pub(super) rng: Arc<SeededRng>,
    /// Whether Stripe keeps its events to itself, so that no look finds a key.
    pub(super) secretive: Arc<AtomicBool>,
    pub(super) company: CompanyId,
    /// What Stripe says of an account's access.
    pub(super) gate: Arc<Gate>,
    pub(super) folder: tempfile::TempDir,
    pub(super) plan: Mutex<Arc<Plan>>,
    pub(super) disk: Mutex<Arc<Memory>>,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(TestClock { begin: tokio::time::Instant::now() });
        let rng = Arc::new(SeededRng::new(7));
        let options = Options {
            listen: None,
            data: None,
            seed: 7,
            clock: clock.clone(),
            check_objects: true,
            ..Options::default()
        };
        let sandbox = Watched::open(options).await.unwrap();
        let hook = sandbox.deliver_to("http://127.0.0.1:1/hook".parse().unwrap(), &["*"]).await;
        Self {
            hook,
            sandbox,
            secretive: Arc::default(),
            company: CompanyId::new(clock.as_ref(), rng.as_ref()),
            clock,
            rng,
            gate: Gate::new(),
            folder: tempfile::tempdir().unwrap(),
            plan: Mutex::new(Plan::none()),
            disk: Mutex::new(Arc::new(Memory::new(MemoryOptions {
                seed: 7,
                sync_ms_max: 3,
                loses_nothing: false,
            }))),
        }
    }

    /// The store as the next process finds it.
    pub(super) fn store(&self) -> Arc<Troubled> {
        Arc::new(Troubled { inner: self.disk(), plan: self.plan() })
    }

    pub(super) fn disk(&self) -> Arc<Memory> {
        self.disk.lock().unwrap().clone()
    }

    pub(super) fn plan(&self) -> Arc<Plan> {
        self.plan.lock().unwrap().clone()
    }

    /// From now on this commit fails in this way; takes effect for the next node.
    pub(super) fn arm(&self, at: u64, trouble: Trouble) {
        *self.plan.lock().unwrap() = Plan::new(at, trouble);
    }

    /// Kills whatever runs on the disk, and leaves what a power loss leaves.
    pub(super) fn crash(&self) {
        let left = Arc::new(self.disk().crash());
        *self.disk.lock().unwrap() = left;
        self.plan().revive();
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How often each keyed write was executed by Stripe, by its own count.
    pub(super) fn executions(&self) -> BTreeMap<String, u32> {
        let keys = self.sandbox.journal().into_iter().filter_map(|entry| entry.key);
        keys.map(|key| (key.clone(), self.sandbox.executions(&model::IdempotencyKey::from_text(key))))
            .collect()
    }

    pub(super) fn sign(&self, body: &str) -> String {
        signature::sign(&[Secret::new(&self.hook.secret).unwrap()], body.as_bytes(), self.clock.now())
    }
}
