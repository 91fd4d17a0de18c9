//! Connections and their credentials.
//!
//! What would surprise: the sealed credential names its own account and mode, and is
//! held against the row and the binding at every opening. A row that was edited to
//! point elsewhere therefore gives an error and never a credential.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::{
    AccountId, Binding, Clock, Code, CompanyId, ConnectionId, ConnectionStatus, Failure, Mode, Retry, Rng,
};
use serde::{Deserialize, Serialize};
use store::{CommitError, Connection, Refusal, Store, Unit, Write};
use stripe::Credential;
use zeroize::Zeroizing;

use crate::{RowId, Vault, Wanted, check, choose, failures};

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

/// The connections of all companies. Clones share what is cached.
#[derive(Clone)]
pub struct Connections {
    store: Store,
    vault: Vault,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Default)]
struct Cache {
    opened: HashMap<ConnectionId, Opened>,
    /// Rises with every change, so that what was read before one is not kept after it.
    changed: u64,
}

/// A credential in use.
#[derive(Clone)]
struct Opened {
    company: CompanyId,
    credential: Credential,
    base_url: String,
}

/// What is sealed: the secret and where it belongs.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    account: AccountId,
    mode: Mode,
    /// Where it may be sent; otherwise whoever can write a row could collect secrets.
    base_url: String,
    #[serde(borrow)]
    secret: std::borrow::Cow<'a, str>,
}

const NAME_LEN_MAX: usize = 100;

impl Connections {
    /// Over this store and vault.
    pub fn new(store: Store, vault: Vault, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { store, vault, clock, rng, cache: Arc::default() }
    }

    /// Adds a connection, or gives an existing one of that name and account a new
    /// credential and address: its id stays. Becoming the default takes that from
    /// the others in the same unit. Safe to repeat.
    ///
    /// # Errors
    /// `conflict` when the name belongs to a connection of another account or mode;
    /// `validation_error` for a key that is publishable, malformed, or of another mode.
    pub async fn put(&self, company: CompanyId, new: NewConnection) -> Result<Connection, Failure> {
        let new = checked(new)?;
        for _ in 0..2 {
            let known = self.list(company).await?;
            let row = self.row(company, &new, &known).await?;
            let done = self.store.commit(unit_of(&row, &known)).await;
            // Whatever became of the commit, what was known may be wrong now.
            self.forget(row.id);
            match done {
                Ok(_) => return Ok(row),
                // Somebody took the name in the meantime: look again.
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

    /// The credential of a binding and where to send, cached; refused when the
    /// connection has come to be of another account or mode.
    ///
    /// # Errors
    /// `connection_required`, `connection_expired`, `conflict`.
    pub async fn credential(&self, binding: &Binding) -> Result<(Credential, String), Failure> {
        let (cached, changed) = {
            let cache = self.cache();
            (cache.opened.get(&binding.connection).cloned(), cache.changed)
        };
        let opened = match cached {
            Some(opened) => opened,
            None => {
                let opened = self.open(binding).await?;
                let mut cache = self.cache();
                if cache.changed == changed {
                    cache.opened.insert(binding.connection, opened.clone());
                }
                opened
            }
        };
        let same = opened.company == binding.company
            && opened.credential.account == binding.account
            && opened.credential.mode == binding.mode;
        if same { Ok((opened.credential, opened.base_url)) } else { Err(other_account(binding)) }
    }

    /// Forgets cached credentials of a connection.
    pub fn forget(&self, id: ConnectionId) {
        let mut cache = self.cache();
        cache.changed += 1;
        cache.opened.remove(&id);
    }

    async fn open(&self, binding: &Binding) -> Result<Opened, Failure> {
        let row = self.store.connection(binding.company, binding.connection).await;
        let row = row.map_err(|e| failures::read(&e))?.ok_or_else(|| gone(binding))?;
        usable(&row)?;
        let id = row.id.to_string();
        let keyring = self.vault.keyring(row.company).await?;
        let sealed = row.credential.as_ref().ok_or_else(|| unreadable(&row))?;
        let plain = keyring.open(RowId { table: "credentials", id: &id }, sealed)?;
        let kept: Kept<'_> = serde_json::from_slice(plain.as_bytes()).map_err(|_| unreadable(&row))?;
        if Some(&kept.account) != row.account.as_ref()
            || kept.mode != row.mode
            || kept.base_url != row.base_url
        {
            return Err(swapped(&row));
        }
        let credential = Credential::new(kept.account, kept.mode, kept.secret);
        Ok(Opened { company: row.company, credential, base_url: row.base_url })
    }

    /// The row as it is to be: an existing one of that name keeps its id and age.
    async fn row(
        &self,
        company: CompanyId,
        new: &NewConnection,
        known: &[Connection],
    ) -> Result<Connection, Failure> {
        let now = self.clock.now();
        let old = known.iter().find(|row| row.name == new.name);
        if old.is_some_and(|row| row.account.as_ref() != Some(&new.account) || row.mode != new.mode) {
            return Err(name_taken(&new.name));
        }
        let id = old.map_or_else(|| ConnectionId::new(&*self.clock, &*self.rng), |row| row.id);
        let secret = new.credential.expose().into();
        let (account, base_url) = (new.account.clone(), new.base_url.clone());
        let kept = Kept { account, mode: new.mode, base_url, secret };
        let kept = Zeroizing::new(serde_json::to_vec(&kept).map_err(|_| bad_name())?);
        let keyring = self.vault.keyring(company).await?;
        Ok(Connection {
            id,
            company,
            name: new.name.clone(),
            account: Some(new.account.clone()),
            mode: new.mode,
            kind: "api_key".into(),
            status: ConnectionStatus::Active,
            credential: Some(keyring.seal(RowId { table: "credentials", id: &id.to_string() }, &kept)),
            expires_at: None,
            base_url: new.base_url.clone(),
            version: old.and_then(|row| row.version.clone()),
            scopes: Vec::new(),
            details: "{}".into(),
            error: None,
            is_default: new.is_default,
            revision: old.map_or(1, |row| row.revision + 1),
            created_at: old.map_or(now, |row| row.created_at),
            updated_at: now,
            used_at: None,
        })
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The row, and the former default without its default.
fn unit_of(row: &Connection, known: &[Connection]) -> Unit {
    let mut unit = Unit::interactive(Vec::new());
    if row.is_default {
        for other in known.iter().filter(|other| other.is_default && other.id != row.id) {
            let updated_at = row.updated_at;
            unit.push(Write::PutConnection(Connection {
                is_default: false,
                revision: other.revision + 1,
                updated_at,
                ..other.clone()
            }));
        }
    }
    unit.push(Write::PutConnection(row.clone()));
    unit
}

fn checked(mut new: NewConnection) -> Result<NewConnection, Failure> {
    let trimmed = new.name.trim();
    if trimmed.is_empty() || trimmed.chars().count() > NAME_LEN_MAX || trimmed.chars().any(char::is_control) {
        return Err(bad_name());
    }
    new.name = trimmed.to_owned();
    new.base_url.truncate(new.base_url.trim_end_matches('/').len());
    check::key(new.mode, new.credential.expose())?;
    check::address(new.mode, &new.base_url)?;
    if new.credential.account != new.account || new.credential.mode != new.mode {
        let text = "the credential is of another account or mode than the connection. Nothing was stored and nothing was sent to Stripe; give the account and mode that the key belongs to.";
        return Err(Failure::new(Code::ValidationError, text).at("credential"));
    }
    Ok(new)
}

fn usable(row: &Connection) -> Result<(), Failure> {
    let (code, what) = match row.status {
        ConnectionStatus::Active | ConnectionStatus::Error => return Ok(()),
        ConnectionStatus::Expired => (Code::ConnectionExpired, "has run out"),
        ConnectionStatus::Pending => (Code::ConnectionRequired, "has not been authorized yet"),
        ConnectionStatus::Disconnected => (Code::ConnectionRequired, "was disconnected"),
        ConnectionStatus::Revoked => (Code::ConnectionRequired, "was revoked at Stripe"),
    };
    let text = format!(
        "the connection `{}` {what}. Nothing was sent to Stripe. Give it a new credential; its id stays.",
        row.name
    );
    Err(Failure::new(code, text).retry(Retry::SameKey))
}

fn bad_name() -> Failure {
    let text = format!("a connection's name has 1 to {NAME_LEN_MAX} characters. Nothing was stored.");
    Failure::new(Code::ValidationError, text).at("name")
}

fn name_taken(name: &str) -> Failure {
    let text = format!(
        "the name `{name}` belongs to a connection of another account or mode. Nothing was changed. \
         Choose another name; a connection never changes its account."
    );
    Failure::new(Code::Conflict, text).at("name")
}

fn gone(binding: &Binding) -> Failure {
    let text = format!(
        "the connection {} does not exist any more. Nothing was sent to Stripe. Add one for account {} in mode {}.",
        binding.connection, binding.account, binding.mode
    );
    Failure::new(Code::ConnectionRequired, text).retry(Retry::SameKey)
}

fn other_account(binding: &Binding) -> Failure {
    let text = format!(
        "the connection {} is not of account {} in mode {}, for which this was planned. Nothing was sent to \
         Stripe. Connect that account again.",
        binding.connection, binding.account, binding.mode
    );
    Failure::new(Code::Conflict, text)
}

fn swapped(row: &Connection) -> Failure {
    let text = format!(
        "the row of the connection `{}` names another account, mode or address than its sealed credential: it was \
         altered. Nothing was sent to Stripe. Give the connection its credential again.",
        row.name
    );
    Failure::new(Code::Conflict, text)
}

fn unreadable(row: &Connection) -> Failure {
    let text = format!(
        "the credential of the connection `{}` cannot be read. Nothing was sent to Stripe. Give it again.",
        row.name
    );
    Failure::new(Code::InternalError, text)
}
