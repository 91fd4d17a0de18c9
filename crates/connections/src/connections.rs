//! Connections: what there are, which one a call uses, and how a row changes.
//!
//! What would surprise: a row is never written but as the outcome of [`change`] from
//! the revision that was read, so two processes that change one connection at once
//! cannot undo each other.

use std::sync::{Arc, PoisonError, RwLock};

use model::{AccountId, Binding, Clock, Code, CompanyId, ConnectionId, ConnectionStatus, Failure, Mode, Rng};
use store::{CommitError, Connection, Refusal, Store, Unit, Write};
use stripe::{Credential, Transport, Version};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

use crate::{
    Vault, Wanted, Way,
    api_key::check,
    change::{Change, Granted, change},
    choose,
    credential::Opened,
    exchange::{Carrier, Unconnected},
    failures,
    grant::Grant,
    kept::{Kept, Secrets},
    nango::{Fetched, Waiting},
    settings::ProviderSettings,
    trail::Trail,
    turns::Turns,
};

/// A connection to be made, of the kind `api_key`.
#[derive(Debug)]
pub struct NewConnection {
    /// What people and documents call it; unique per company.
    pub name: String,
    /// The account it reaches.
    pub account: AccountId,
    /// Its mode.
    pub mode: Mode,
    /// Where calls go.
    pub base_url: String,
    /// Whether it is taken when nobody names one.
    pub is_default: bool,
    /// The secret key.
    pub credential: Credential,
}

/// Where requests of a base address go; HTTP in production, in-process in simulations.
pub type Transports = Arc<dyn Fn(&str) -> Result<Arc<dyn Transport>, Failure> + Send + Sync>;

/// The connections of all companies. Clones share what is cached.
#[derive(Clone)]
pub struct Connections {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) transports: Option<Transports>,
    providers: Arc<RwLock<Arc<ProviderSettings>>>,
    pub(crate) opened: Arc<Opened>,
    /// One renewal of a credential at a time.
    pub(crate) renewals: Arc<Turns<ConnectionId>>,
    /// What Nango gave, in memory only.
    pub(crate) fetched: Arc<Fetched>,
    /// Links of Nango's that are out.
    pub(crate) waiting: Arc<Waiting>,
    /// Told whenever a connection has become active.
    authorized: Arc<Notify>,
    /// What must not end with the call that began it.
    pub(crate) tasks: TaskTracker,
    /// Whose changes these are.
    pub(crate) trail: Option<Trail>,
}

const NAME_LEN_MAX: usize = 100;

/// How often a change is made anew from what another one left.
const CHANGES_MAX: u32 = 5;

impl Connections {
    /// Over this store and vault, with API keys as the only way.
    pub fn new(store: Store, vault: Vault, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self {
            store,
            vault,
            clock,
            rng,
            carrier: Arc::new(Unconnected),
            transports: None,
            providers: Arc::default(),
            opened: Arc::default(),
            renewals: Arc::default(),
            fetched: Arc::default(),
            waiting: Arc::default(),
            authorized: Arc::default(),
            tasks: TaskTracker::new(),
            trail: None,
        }
    }

    /// With a way to reach providers, and what the installation brings for them.
    #[must_use]
    pub fn with_providers(mut self, carrier: Arc<dyn Carrier>, settings: ProviderSettings) -> Self {
        self.carrier = carrier;
        self.set_providers(settings);
        self
    }

    /// With a way to Stripe's API, by which keys are proven.
    #[must_use]
    pub fn with_transports(mut self, transports: Transports) -> Self {
        self.transports = Some(transports);
        self
    }

    /// Replaces what the installation brings, for this and every clone: `dev` learns
    /// the sandbox's address after the start.
    pub fn set_providers(&self, settings: ProviderSettings) {
        *self.providers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Waits for what goes on with providers: a token pair that was handed out has to
    /// be stored. Call it before the store closes.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// What the installation brings.
    pub fn providers(&self) -> Arc<ProviderSettings> {
        self.providers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a connection, or gives an existing one of that name and account a new
    /// credential and address: its id stays. Becoming the default takes that from
    /// the others in the same unit. Safe to repeat.
    ///
    /// # Errors
    /// `conflict` when the name belongs to a connection of another account or mode;
    /// `validation_error` for a key that is publishable, malformed, or of another mode.
    pub async fn put(&self, company: CompanyId, new: NewConnection) -> Result<Connection, Failure> {
        self.put_under(company, new, None).await
    }

    /// The same, with the version that its calls speak; without one a known connection
    /// keeps its own.
    pub(crate) async fn put_under(
        &self,
        company: CompanyId,
        new: NewConnection,
        version: Option<Version>,
    ) -> Result<Connection, Failure> {
        let new = checked(new)?;
        for _ in 0..CHANGES_MAX {
            let known = self.list(company).await?;
            let old = known.iter().find(|row| row.name == new.name);
            let row = match old {
                Some(old) if old.kind != Way::ApiKey.as_str() => return Err(taken_by(old)),
                Some(old) if old.account.as_ref() != Some(&new.account) || old.mode != new.mode => {
                    return Err(taken_by(old));
                }
                Some(old) => Connection { base_url: new.base_url.clone(), ..old.clone() },
                None => self.pending(company, &new.name, new.mode, Way::ApiKey, &new.base_url),
            };
            let row = self.granted(row, grant_of(&new)).await?;
            let version = version.map(|version| version.as_str().to_owned()).or_else(|| row.version.clone());
            let row = Connection { is_default: new.is_default || row.is_default, version, ..row };
            match self.commit(&row, &known).await {
                Ok(()) => return Ok(row),
                // Somebody took the name or changed the row in the meantime: look again.
                Err(CommitError::Refused { why: Refusal::Conflict | Refusal::Changed, .. }) => {}
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        Err(name_taken(&new.name))
    }

    /// A company's connections, oldest first.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn list(&self, company: CompanyId) -> Result<Vec<Connection>, Failure> {
        self.store.connections(company).await.map_err(|e| failures::read(&e))
    }

    /// The connection that a call uses.
    ///
    /// # Errors
    /// `connection_required`, listing those there are and how to add one.
    pub async fn choose(&self, company: CompanyId, wanted: Wanted) -> Result<Binding, Failure> {
        choose::choose(&self.list(company).await?, &wanted)
    }

    /// A row that nobody has authorized yet. Not stored.
    pub(crate) fn pending(
        &self,
        company: CompanyId,
        name: &str,
        mode: Mode,
        way: Way,
        base_url: &str,
    ) -> Connection {
        let now = self.clock.now();
        Connection {
            id: ConnectionId::new(&*self.clock, &*self.rng),
            company,
            name: name.to_owned(),
            account: None,
            mode,
            kind: way.as_str().to_owned(),
            status: ConnectionStatus::Pending,
            credential: None,
            expires_at: None,
            base_url: base_url.to_owned(),
            version: None,
            scopes: Vec::new(),
            details: "{}".to_owned(),
            error: None,
            is_default: false,
            revision: 0,
            created_at: now,
            updated_at: now,
            authorized_at: None,
            used_at: None,
        }
    }

    /// The row with what was granted, sealed. Not stored.
    ///
    /// # Errors
    /// `conflict` for another account or mode than the row's.
    pub(crate) async fn granted(&self, row: Connection, grant: Grant) -> Result<Connection, Failure> {
        let Grant { account, mode, secrets, expires_at, scopes, details } = grant;
        let kept = Kept { account: account.clone(), mode, base_url: row.base_url.clone(), secrets };
        let keyring = self.vault.keyring(row.company).await?;
        let credential = kept.seal(&keyring, &row.id.to_string())?;
        let details = details.to_string();
        let granted = Granted { account, mode, credential, expires_at, scopes, details };
        change(row, Change::Authorized(granted), self.clock.now())
    }

    /// Makes a change from what is stored now, and stores it; repeated when another
    /// change came first.
    ///
    /// # Errors
    /// What `make` says, `connection_required` when the connection is gone, and
    /// `store_unavailable`.
    pub(crate) async fn alter(
        &self,
        company: CompanyId,
        id: ConnectionId,
        make: impl Fn(Connection) -> Result<Connection, Failure>,
    ) -> Result<Connection, Failure> {
        for _ in 0..CHANGES_MAX {
            let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
            let row = make(row.ok_or_else(|| failures::gone(&id.to_string()))?)?;
            match self.commit(&row, &[]).await {
                Ok(()) => return Ok(row),
                Err(CommitError::Refused { why: Refusal::Changed, .. }) => {}
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        Err(failures::contended(&id.to_string()))
    }

    /// Stores a row of the next revision with its entry in the audit log; as the default it
    /// takes that from `others`.
    pub(crate) async fn commit(&self, row: &Connection, others: &[Connection]) -> Result<(), CommitError> {
        let mut unit = unit_of(row, others);
        unit.writes.extend(self.entry(row));
        let done = self.store.commit(unit).await;
        // Whatever became of the commit, what was known may be wrong now.
        self.forget(row.id);
        if row.status == ConnectionStatus::Active {
            self.authorized.notify_one();
        }
        done.map(drop)
    }

    /// Waits until a connection has become active, here or since the last wait. For one
    /// waiter; it may be told without a reason.
    pub async fn until_authorized(&self) {
        self.authorized.notified().await;
    }
}

/// The row, and the former default without its default.
fn unit_of(row: &Connection, known: &[Connection]) -> Unit {
    let mut unit = Unit::interactive(Vec::new());
    if row.is_default {
        for other in known.iter().filter(|other| other.is_default && other.id != row.id) {
            let (revision, updated_at) = (other.revision + 1, row.updated_at);
            let other = Connection { is_default: false, revision, updated_at, ..other.clone() };
            unit.push(Write::PutConnection(other));
        }
    }
    unit.push(Write::PutConnection(row.clone()));
    unit
}

fn grant_of(new: &NewConnection) -> Grant {
    Grant {
        account: new.account.clone(),
        mode: new.mode,
        secrets: Secrets::ApiKey(Zeroizing::new(new.credential.expose().to_owned())),
        expires_at: None,
        scopes: Vec::new(),
        details: serde_json::json!({}),
    }
}

/// A name that a connection can have, trimmed.
///
/// # Errors
/// `validation_error`.
pub(crate) fn name(given: &str) -> Result<String, Failure> {
    let trimmed = given.trim();
    let fits = (1..=NAME_LEN_MAX).contains(&trimmed.chars().count());
    if fits && !trimmed.chars().any(char::is_control) {
        return Ok(trimmed.to_owned());
    }
    let text = format!("a connection's name has 1 to {NAME_LEN_MAX} characters. Nothing was stored.");
    Err(Failure::new(Code::ValidationError, text).at("name"))
}

fn checked(mut new: NewConnection) -> Result<NewConnection, Failure> {
    new.name = name(&new.name)?;
    new.base_url.truncate(new.base_url.trim_end_matches('/').len());
    check::key(new.mode, new.credential.expose())?;
    check::address(new.mode, &new.base_url)?;
    if new.credential.account != new.account || new.credential.mode != new.mode {
        let text = "The credential is of another account or mode than the connection. Nothing was stored and nothing was sent to Stripe; give the account and mode that the key belongs to.";
        return Err(Failure::new(Code::ValidationError, text).at("credential"));
    }
    Ok(new)
}

/// A name that this connection has already.
pub(crate) fn taken_by(row: &Connection) -> Failure {
    if row.status != ConnectionStatus::Disconnected {
        return name_taken(&row.name);
    }
    let again = match Way::parse(&row.kind) {
        Some(Way::ApiKey) => {
            format!("`bursar connections add {}`, with a key of the same account,", row.name)
        }
        _ => format!("`bursar connections auth-url --reconnect {}`", row.name),
    };
    let text = format!(
        "The connection `{name}` is disconnected and keeps its name. Nothing was changed. {again} connects it \
         again; `bursar connections remove {name} --forget` gives the name up.",
        name = row.name
    );
    Failure::new(Code::Conflict, text).at("name")
}

/// The name that a connection was to get is another's.
pub(crate) fn rename_taken(name: &str) -> Failure {
    let text = format!(
        "Another connection is called `{name}` already. Nothing was changed. Choose another name, or rename that \
         one first."
    );
    Failure::new(Code::Conflict, text).at("name")
}

pub(crate) fn name_taken(name: &str) -> Failure {
    let text = format!(
        "The name `{name}` belongs to a connection of another account, mode or kind. Nothing was changed. \
         Choose another name; a connection never changes its account."
    );
    Failure::new(Code::Conflict, text).at("name")
}
