//! Puts the parts together.

use std::sync::Arc;

use actions::Catalog;
use calls::{Caller, Limits, Transports};
use connections::{Connections, MasterKey, Vault};
use engine::{Driver, Lifecycle, Programs};
use events::{Dispatcher, Inbox, Sources};
use model::{Clock, Failure, Rng};
use store::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::ServerLimits;

/// The name of the company that a fresh database gets.
pub const FIRST_COMPANY: &str = "default";

/// What the parts are made of.
pub struct Assembly {
    /// The database, open.
    pub store: Store,
    /// The vault's master key.
    pub master: MasterKey,
    /// Where requests of a base address go.
    pub transports: Transports,
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
}

/// Opens the vault, takes the driver over, and wires everything. Runs that were open
/// go on from here.
///
/// # Errors
/// `vault_key_missing`, `store_unavailable`.
pub async fn assemble(_assembly: Assembly) -> Result<App, Failure> {
    todo!()
}

impl App {
    /// Starts what works without being asked: the dispatcher, and the sweep of open
    /// intents. Ends when the token is canceled; the tracker waits for it.
    pub fn run_background(&self, _tracker: &TaskTracker, _stop: &CancellationToken) {
        todo!()
    }
}
