//! The credential of a call: from the cache, from the row, or renewed.
//!
//! What would surprise: nothing of a credential is kept longer than its row stays as
//! it is. Every change of a row makes whatever was opened before worthless, also what
//! was being opened meanwhile.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{AccountId, Binding, Code, CompanyId, ConnectionId, ConnectionStatus, Failure, Retry, Timestamp};
use store::{Connection, Unit, Write};
use stripe::Credential;

use crate::{
    Connections, Way, app,
    change::{Change, change},
    connect, failures,
    kept::{Kept, Secrets},
    nango,
};

/// How often a use is noted.
const NOTED: Duration = Duration::from_secs(60);

/// Opened credentials.
#[derive(Default)]
pub(crate) struct Opened {
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    opened: HashMap<ConnectionId, InUse>,
    /// When each was last noted as used.
    noted: HashMap<ConnectionId, Timestamp>,
    /// Rises with every change, so that what was read before one is not kept after it.
    changed: u64,
}

/// A credential in use.
#[derive(Clone)]
pub(crate) struct InUse {
    pub(crate) company: CompanyId,
    pub(crate) credential: Credential,
    pub(crate) base_url: String,
    /// From when on it is looked at again; `None` is never.
    pub(crate) fresh_until: Option<Timestamp>,
    /// Whether the row is marked as failing.
    pub(crate) failing: bool,
}

impl Opened {
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a use now is worth a row: the last one noted is a minute old.
    fn note_use(&self, id: ConnectionId, now: Timestamp) -> bool {
        let mut cache = self.cache();
        let noted = cache.noted.get(&id);
        // A clock that was set back counts as a minute passed.
        let age = noted.map(|noted| Duration::try_from(now.duration_since(*noted)));
        let old = age.is_none_or(|age| age.map_or(true, |age| age >= NOTED));
        if old {
            cache.noted.insert(id, now);
        }
        old
    }

    /// Whether what is in use comes from a row that is marked as failing.
    fn is_failing(&self, id: ConnectionId) -> bool {
        self.cache().opened.get(&id).is_some_and(|opened| opened.failing)
    }
}

impl Connections {
    /// The credential of a binding and where to send, cached and renewed when that is
    /// due; refused when the connection has come to be of another account or mode.
    ///
    /// # Errors
    /// `connection_required`, `connection_expired`, `connection_unreachable` when the
    /// one who renews it cannot be reached, `conflict`.
    pub async fn credential(&self, binding: &Binding) -> Result<(Credential, String), Failure> {
        let (cached, changed) = {
            let cache = self.opened.cache();
            (cache.opened.get(&binding.connection).cloned(), cache.changed)
        };
        let now = self.clock.now();
        let fresh = cached.filter(|opened| opened.fresh_until.is_none_or(|until| now < until));
        let opened = match fresh {
            Some(opened) => opened,
            None => {
                let opened = self.open(binding).await?;
                let mut cache = self.opened.cache();
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

    /// Refuses to act as another account than the one that a platform's consent is for.
    /// Asked before anything is noted down; a credential that cannot be had is left to
    /// whoever sends.
    ///
    /// # Errors
    /// `validation_error` at `stripeAccount`.
    pub async fn may_act_as(&self, binding: &Binding, account: &AccountId) -> Result<(), Failure> {
        let Ok((credential, _)) = self.credential(binding).await else { return Ok(()) };
        match &credential.acting_for {
            Some(own) if own != account => Err(acts_for_another(own, account)),
            _ => Ok(()),
        }
    }

    /// Stripe did not accept this credential of the binding (401). Renews it where that
    /// can be done without a person.
    ///
    /// Safe to repeat: a credential that was replaced in the meantime is simply used.
    ///
    /// # Errors
    /// What every surface shows when there is no other credential: the connection is
    /// marked with it, and the same call may be made again once somebody gave it one.
    pub async fn refused(
        &self,
        binding: &Binding,
        used: &Credential,
        refusal: Failure,
    ) -> Result<(), Failure> {
        self.forget(binding.connection);
        let (now, _) = self.credential(binding).await?;
        if now.expose() != used.expose() || self.renew_refused(binding, used).await? {
            return Ok(());
        }
        self.failed(binding, used, &refusal).await?;
        Err(refusal)
    }

    /// Marks the connection with a refusal of this credential, if it still has it.
    /// Safe to repeat; the same refusal is written once.
    ///
    /// # Errors
    /// `store_unavailable`, and what keeps the connection from being used at all.
    pub async fn failed(
        &self,
        binding: &Binding,
        used: &Credential,
        refusal: &Failure,
    ) -> Result<(), Failure> {
        let (now, _) = self.credential(binding).await?;
        let (seen, _) = self.reopen(binding.company, binding.connection).await?;
        if now.expose() != used.expose() || seen.status == ConnectionStatus::Error {
            return Ok(());
        }
        let mark = |row: Connection| match row.credential == seen.credential && row.details == seen.details {
            true => change(row, Change::Failed(refusal.clone()), self.clock.now()),
            false => Ok(Connection { revision: row.revision + 1, ..row }),
        };
        self.alter(binding.company, binding.connection, mark).await.map(drop)
    }

    /// Whether a refused credential could be renewed without a person.
    async fn renew_refused(&self, binding: &Binding, used: &Credential) -> Result<bool, Failure> {
        let (row, kept) = self.reopen(binding.company, binding.connection).await?;
        match kept.secrets {
            Secrets::ApiKey(_) | Secrets::Connect => Ok(false),
            Secrets::Nango => {
                let renewed = nango::renew_refused(self, &row, used).await;
                self.forget(binding.connection);
                renewed
            }
            Secrets::App { .. } => {
                let renewed = app::renew_refused(self, &row, used).await?;
                self.forget(binding.connection);
                Ok(renewed.credential.expose() != used.expose())
            }
        }
    }

    /// Stripe accepted the credential: notes that the connection was used, once a
    /// minute, and a connection that was marked as failing is active again.
    ///
    /// # Errors
    /// `store_unavailable`; nothing depends on it.
    pub async fn accepted(&self, binding: &Binding) -> Result<(), Failure> {
        let id = binding.connection;
        if self.opened.is_failing(id) {
            let mend = |row: Connection| match row.status {
                ConnectionStatus::Error => change(row, Change::Recovered, self.clock.now()),
                _ => Err(failures::gone(&id.to_string())),
            };
            // It may have been mended, or ended, by somebody else.
            let _ = self.alter(binding.company, id, mend).await;
            self.forget(id);
        }
        let now = self.clock.now();
        if !self.opened.note_use(id, now) {
            return Ok(());
        }
        let unit = Unit::background(vec![Write::UseConnection(binding.company, id, now)]);
        self.store.commit(unit).await.map(drop).map_err(|e| failures::commit(&e))
    }

    /// Why what is sealed in a row cannot be used: somebody altered it, or the row. `None`
    /// when it can, or when there is nothing. Changes nothing.
    pub async fn unsound(&self, row: &Connection) -> Option<Failure> {
        row.credential.as_ref()?;
        match self.vault.keyring(row.company).await {
            Ok(keyring) => Kept::open(&keyring, row).err(),
            Err(failure) => Some(failure),
        }
    }

    /// Forgets cached credentials of a connection.
    pub fn forget(&self, id: ConnectionId) {
        let mut cache = self.opened.cache();
        cache.changed += 1;
        cache.opened.remove(&id);
    }

    /// A row as it is stored now, and what is sealed in it.
    pub(crate) async fn reopen(
        &self,
        company: CompanyId,
        id: ConnectionId,
    ) -> Result<(Connection, Kept), Failure> {
        let row = self.store.connection(company, id).await.map_err(|e| failures::read(&e))?;
        let row = row.ok_or_else(|| failures::gone(&id.to_string()))?;
        usable(&row)?;
        let kept = Kept::open(&*self.vault.keyring(company).await?, &row)?;
        Ok((row, kept))
    }

    /// Whether this very row is what is stored.
    pub(crate) async fn is_stored(&self, row: &Connection) -> bool {
        let stored = self.store.connection(row.company, row.id).await;
        stored.is_ok_and(|stored| {
            stored
                .is_some_and(|stored| stored.revision == row.revision && stored.credential == row.credential)
        })
    }

    async fn open(&self, binding: &Binding) -> Result<InUse, Failure> {
        let row = self.store.connection(binding.company, binding.connection).await;
        let row = row.map_err(|e| failures::read(&e))?.ok_or_else(|| gone(binding))?;
        usable(&row)?;
        let keyring = self.vault.keyring(row.company).await?;
        let kept = Kept::open(&keyring, &row)?;
        let Kept { account, mode, base_url, secrets } = kept;
        let (credential, fresh_until) = match secrets {
            Secrets::ApiKey(key) => (Credential::new(account, mode, key.as_str()), None),
            Secrets::Connect => (connect::credential(&self.providers(), account, mode)?, None),
            Secrets::App { .. } => {
                return app::in_use(self, &row, Kept { account, mode, base_url, secrets }).await;
            }
            Secrets::Nango => return nango::in_use(self, &row, account).await,
        };
        let failing = row.status == ConnectionStatus::Error;
        Ok(InUse { company: row.company, credential, base_url, fresh_until, failing })
    }
}

/// Whether calls may use it at all.
fn usable(row: &Connection) -> Result<(), Failure> {
    let (code, what) = match row.status {
        ConnectionStatus::Active | ConnectionStatus::Error => return Ok(()),
        ConnectionStatus::Expired => (Code::ConnectionExpired, "has run out"),
        ConnectionStatus::Pending => (Code::ConnectionRequired, "has not been authorized yet"),
        ConnectionStatus::Disconnected => (Code::ConnectionRequired, "was disconnected"),
        ConnectionStatus::Revoked => (Code::ConnectionRequired, "was revoked at Stripe"),
    };
    let by_key = Way::parse(&row.kind) == Some(Way::ApiKey);
    let again = match by_key {
        true => format!("Give it its key again with `bursar connections add {}`", row.name),
        false => format!("Authorize it again with `bursar connections auth-url --reconnect {}`", row.id),
    };
    let text =
        format!("The connection `{}` {what}. Nothing was sent to Stripe. {again}; its id stays.", row.name);
    let failure = Failure::new(code, text).retry(Retry::Ask);
    let reconnect = || serde_json::json!({ "connectionId": row.id, "via": row.kind });
    Err(if by_key { failure } else { failure.with_details(serde_json::json!({ "reconnect": reconnect() })) })
}

fn acts_for_another(own: &AccountId, account: &AccountId) -> Failure {
    let text = format!(
        "The connection is authorized by {own} and may not act as {account}. Nothing was sent to Stripe. Leave \
         `stripeAccount` out, or use the connection of {account}."
    );
    Failure::new(Code::ValidationError, text).at("config.stripeAccount")
}

fn gone(binding: &Binding) -> Failure {
    let text = format!(
        "The connection {} does not exist any more. Nothing was sent to Stripe. Add one for account {} in mode {}.",
        binding.connection, binding.account, binding.mode
    );
    Failure::new(Code::ConnectionRequired, text).retry(Retry::SameKey)
}

fn other_account(binding: &Binding) -> Failure {
    let text = format!(
        "The connection {} is not of account {} in mode {}, for which this was planned. Nothing was sent to \
         Stripe. Connect that account again.",
        binding.connection, binding.account, binding.mode
    );
    Failure::new(Code::Conflict, text)
}
