//! Puts the parts together.
//!
//! The order matters in one place: the driver takes the database over when it opens,
//! so it is opened after everything it drives with and before anything that feeds it.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actions::Catalog;
use calls::{Caller, CallerParts, Limits, Transports};
use connections::{Carrier, Connections, MasterKey, ProviderSettings, Vault};
use engine::{Driver, Lifecycle, Parts, Programs};
use events::{Claims, Dispatcher, Inbox, Sources};
use futures_util::FutureExt as _;
use model::{Clock, Failure, Rng};
use store::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{KeepMaster, ServerLimits, budget::Budgets};

/// The name of the company that a fresh database gets.
pub const FIRST_COMPANY: &str = "default";

/// How long background work that panicked rests before it is started again.
const REST: Duration = Duration::from_secs(1);

/// How often it is looked whether somebody has connected at Nango.
const LOOK: Duration = Duration::from_secs(5);

/// What the parts are made of.
pub struct Assembly {
    /// The database, open.
    pub store: Store,
    /// The vault's master key.
    pub master: MasterKey,
    /// Where requests of a base address go.
    pub transports: Transports,
    /// What reaches token endpoints and Nango.
    pub carrier: Arc<dyn Carrier>,
    /// What the installation brings for each way of connecting.
    pub providers: ProviderSettings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and jitter.
    pub rng: Arc<dyn Rng>,
    /// Stripe's limits.
    pub limits: Limits,
    /// Most runs driven at once.
    pub concurrency: usize,
    /// Bounds of the HTTP surface.
    pub server: ServerLimits,
}

/// The parts. Clones share them.
#[derive(Clone)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct App {
    pub store: Store,
    pub vault: Vault,
    pub catalog: Catalog,
    pub connections: Connections,
    pub caller: Caller,
    pub programs: Programs,
    pub lifecycle: Lifecycle,
    pub driver: Driver,
    pub sources: Sources,
    pub inbox: Inbox,
    pub dispatcher: Dispatcher,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub server: ServerLimits,
    /// Who keeps the master key; without one it cannot be rotated.
    pub master_keeper: Option<Arc<dyn KeepMaster>>,
    pub(crate) budgets: Option<Arc<Budgets>>,
    /// Canceled when the process stops: streams end, so that connections can close.
    pub closing: CancellationToken,
    /// What must not end with the request that began it.
    pub tasks: TaskTracker,
}

/// Opens the vault, takes the driver over, and wires everything. Runs that were open
/// go on from here.
///
/// # Errors
/// `vault_key_missing`, `store_unavailable`.
pub async fn assemble(assembly: Assembly) -> Result<App, Failure> {
    let Assembly { store, master, transports, carrier, providers, clock, rng, limits, concurrency, server } =
        assembly;
    let vault = Vault::open(store.clone(), master).await?;
    let base = Base { store, vault, clock, rng };
    let Base { store, vault, clock, rng } = base.clone();
    let (catalog, programs) = (Catalog, Programs::new(store.clone()));
    let connections = Connections::new(store.clone(), vault.clone(), clock.clone(), rng.clone())
        .with_transports(transports.clone())
        .with_providers(carrier, providers);
    let caller = base.caller(&connections, transports, limits);
    let lifecycle = base.lifecycle(&connections, &programs);
    let driver = Driver::open(base.driven(&connections, &caller, &programs, concurrency)).await?;
    let dispatcher = base.dispatcher(&connections, &programs, &driver);
    let sources = Sources::new(store.clone(), vault.clone(), clock.clone(), rng.clone());
    let inbox = base.inbox(&sources, &programs, dispatcher.clone());
    let closing = CancellationToken::new();
    Ok(App {
        store,
        vault,
        catalog,
        connections,
        caller,
        programs,
        lifecycle,
        driver,
        sources,
        inbox,
        dispatcher,
        clock,
        rng,
        server,
        master_keeper: None,
        budgets: server.keys.map(|limits| Arc::new(Budgets::new(limits))),
        closing,
        tasks: TaskTracker::new(),
    })
}

/// What nearly every part is made of.
#[derive(Clone)]
struct Base {
    store: Store,
    vault: Vault,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Base {
    fn caller(&self, connections: &Connections, transports: Transports, limits: Limits) -> Caller {
        let Self { store, vault, clock, rng } = self.clone();
        Caller::new(CallerParts {
            store,
            vault,
            connections: connections.clone(),
            transports,
            clock,
            rng,
            limits,
        })
    }

    fn lifecycle(&self, connections: &Connections, programs: &Programs) -> Lifecycle {
        let Self { store, clock, rng, .. } = self.clone();
        Lifecycle::new(store, programs.clone(), connections.clone(), Catalog, clock, rng)
    }

    fn driven(
        &self,
        connections: &Connections,
        caller: &Caller,
        programs: &Programs,
        concurrency: usize,
    ) -> Parts {
        let Self { store, vault, clock, rng } = self.clone();
        let (connections, caller, programs) = (connections.clone(), caller.clone(), programs.clone());
        Parts { store, vault, connections, caller, catalog: Catalog, programs, clock, rng, concurrency }
    }

    fn dispatcher(&self, connections: &Connections, programs: &Programs, driver: &Driver) -> Dispatcher {
        let Self { store, vault, clock, .. } = self.clone();
        Dispatcher::new(store, vault, connections.clone(), programs.clone(), driver.clone(), clock)
    }

    /// Whatever arrives wakes the dispatcher.
    fn inbox(&self, sources: &Sources, programs: &Programs, dispatcher: Dispatcher) -> Inbox {
        let Self { store, vault, clock, rng } = self.clone();
        let arrived = Arc::new(move || dispatcher.wake());
        Inbox::new(store, vault, sources.clone(), programs.clone(), clock, rng, arrived)
    }
}

impl App {
    /// Waits for what goes on beyond its request. Call it before the store closes.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.connections.finish().await;
    }

    /// Starts what works without being asked: the dispatcher, the sweep of open intents,
    /// and the look for what was authorized at Nango. Ends when the token is canceled; the
    /// tracker waits for it.
    pub fn run_background(&self, tracker: &TaskTracker, stop: &CancellationToken) {
        let dispatcher = self.dispatcher.clone();
        tracker.spawn(keep_up("dispatcher", stop.clone(), move || {
            let dispatcher = dispatcher.clone();
            async move { dispatcher.run().await }
        }));
        let caller = self.caller.clone();
        tracker.spawn(keep_up("sweep of open intents", stop.clone(), move || {
            let caller = caller.clone();
            async move { caller.sweep().await }
        }));
        let claims = Claims::new(self.inbox.clone(), self.connections.clone());
        tracker.spawn(keep_up("claims of events", stop.clone(), move || {
            let claims = claims.clone();
            async move { claims.run().await }
        }));
        let connections = self.connections.clone();
        tracker.spawn(keep_up("look for what was authorized", stop.clone(), move || {
            let connections = connections.clone();
            async move {
                loop {
                    connections.look_for_authorized().await;
                    tokio::time::sleep(LOOK).await;
                }
            }
        }));
        let (stop, closing) = (stop.clone(), self.closing.clone());
        tracker.spawn(async move {
            stop.cancelled().await;
            closing.cancel();
        });
    }
}

/// Keeps background work going until told to stop: a panic in it is logged and the
/// work is started again, because an event that is on disk must not stay there.
async fn keep_up<F>(name: &'static str, stop: CancellationToken, work: impl Fn() -> F)
where
    F: Future<Output = ()>,
{
    loop {
        let end = tokio::select! {
            () = stop.cancelled() => return,
            end = AssertUnwindSafe(work()).catch_unwind() => end,
        };
        if end.is_err() {
            tracing::error!(work = name, "background work panicked; it is started again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn background_work_that_panics_goes_on_until_it_is_told_to_stop() {
        let (begun, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let (counter, done) = (begun.clone(), stop.clone());
        keep_up("test", stop, move || {
            let nth = counter.fetch_add(1, Ordering::SeqCst);
            let done = done.clone();
            async move {
                assert!(nth > 1, "planned");
                done.cancel();
                std::future::pending().await
            }
        })
        .await;
        assert_eq!(begun.load(Ordering::SeqCst), 3);
    }
}
