//! The application over a data folder: store, vault, parts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use calls::Transports;
use connections::{HttpCarrier, MasterKey};
use model::{Code, CompanyId, Failure, SystemClock, SystemRng};
use server::{App, Assembly, FIRST_COMPANY, ServerLimits};
use store::{Sqlite, SqliteOptions, Store, Unit, Write};
use stripe::{HttpClient, HttpOptions, Transport};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{master_key::Source, settings::Settings};

/// Most runs driven at once.
const CONCURRENCY: usize = 256;

/// The application, open.
pub(crate) struct Node {
    pub(crate) app: App,
    pub(crate) company: CompanyId,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    sqlite: Arc<Sqlite>,
}

impl Node {
    /// Opens the data folder, which is made if it is missing, and resumes what was open.
    ///
    /// # Errors
    /// `folder_in_use`, `store_unavailable`, `vault_key_missing`.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        Self::within(settings, ServerLimits::default()).await
    }

    /// The same, for a server that others reach: each key asks as often as it may.
    pub(crate) async fn open_limited(settings: &Settings) -> Result<Self, Failure> {
        let keys = Some(settings.limits.into());
        Self::within(settings, ServerLimits { keys, ..ServerLimits::default() }).await
    }

    async fn within(settings: &Settings, limits: ServerLimits) -> Result<Self, Failure> {
        let sqlite = Arc::new(
            Sqlite::open(&settings.data, SqliteOptions::default()).await.map_err(|e| e.to_failure())?,
        );
        let store: Store = sqlite.clone();
        let source = Source::of(settings);
        let master = master_key(&source, &store).await?;
        let mut app = server::assemble(Assembly {
            store,
            master,
            transports: transports(),
            carrier: Arc::new(HttpCarrier::new().map_err(|e| Failure::new(Code::InternalError, e))?),
            providers: settings.providers.read(settings.public_url.as_deref())?,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            limits: settings.stripe.into(),
            concurrency: CONCURRENCY,
            server: limits,
        })
        .await?;
        app.master_keeper = Some(Arc::new(source));
        let company = server::ensure_company(&app, FIRST_COMPANY).await?.id;
        Ok(Self { app, company, tasks: TaskTracker::new(), stop: CancellationToken::new(), sqlite })
    }

    /// Starts the dispatcher and the sweep.
    pub(crate) fn run_background(&self) {
        self.app.run_background(&self.tasks, &self.stop);
    }

    /// Where others reach this server: what comes back from Stripe comes there.
    pub(crate) fn set_public_url(&self, url: &str) {
        let mut settings = (*self.app.connections.providers()).clone();
        settings.public_url = url::Url::parse(url).ok();
        self.app.connections.set_providers(settings);
    }

    /// A key for the command line; the one before it stops working.
    pub(crate) async fn command_line_key(&self) -> Result<String, Failure> {
        const NAME: &str = "command line";
        let old = self.app.store.api_keys(self.company).await.map_err(|e| unavailable(&e))?;
        let writes =
            old.iter().filter(|key| key.name == NAME).map(|key| Write::RemoveApiKey(key.id)).collect();
        self.app.store.commit(Unit::interactive(writes)).await.map_err(|e| unavailable(&e))?;
        Ok(server::issue_key(&self.app, self.company, NAME, &["admin", "installation"]).await?.text)
    }

    /// Stops taking up work, lets commits in flight finish, and closes the database.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.app.driver.shutdown().await;
        self.tasks.close();
        let patience = std::time::Duration::from_secs(5);
        let _ = tokio::time::timeout(patience, self.tasks.wait()).await;
        // A token pair that a provider has handed out is stored before the end.
        let _ = tokio::time::timeout(patience, self.app.finish()).await;
        self.sqlite.close().await;
    }
}

/// The master key, as its source gives it: a file is made for a fresh database only. A
/// database that has sealed anything needs the key that it was sealed under.
async fn master_key(source: &Source, store: &Store) -> Result<MasterKey, Failure> {
    let keys = store.data_keys().await.map_err(|e| unavailable(&e))?;
    source.open(keys.first().map(|key| key.master.as_str())).await
}

fn unavailable(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Code::StoreUnavailable, format!("The database cannot be used: {why}. Nothing was changed."))
}

/// One HTTP client per base address, made on first use.
fn transports() -> Transports {
    let made: Mutex<HashMap<String, Arc<dyn Transport>>> = Mutex::new(HashMap::new());
    Arc::new(move |base: &str| {
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = made.get(base) {
            return Ok(transport.clone());
        }
        let client = HttpClient::new(HttpOptions::new(base))
            .map_err(|e| Failure::new(Code::InternalError, format!("No client for {base}: {e}.")))?;
        let transport: Arc<dyn Transport> = Arc::new(client);
        made.insert(base.to_owned(), transport.clone());
        Ok(transport)
    })
}
