//! Stripe's webhook endpoints that point at us, and their signing secrets.
//!
//! A source is a company's, or the installation's: then each event goes to the companies
//! that have a connection to its account. What would surprise: giving a known endpoint
//! another secret adds a row, because Stripe signs with the old secret too until that
//! runs out.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connections::{RowId, Vault};
use model::{AccountId, Clock, Code, CompanyId, Failure, Mode, Rng, SourceId, Timestamp};
use store::{Source, Store, Unit, Write};
use stripe::signature::Secret;

use crate::failures;

/// How long the secret before is accepted beside a new one, unless told otherwise: as
/// long as Stripe keeps it at most.
pub const OLD_SECRET: Duration = Duration::from_secs(24 * 3_600);

/// Most endpoints of a company, and of the installation, as Stripe has of an account. Each
/// delivery is held against every live secret, of which there may be twice as many.
pub const SOURCES_MAX: usize = 16;

/// A source to be noted.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// The account whose endpoint it is.
    pub account: AccountId,
    /// Its mode; events of another are refused.
    pub mode: Mode,
    /// Stripe's endpoint id.
    pub endpoint: String,
    /// Where Stripe posts to.
    pub url: String,
    /// The signing secret.
    pub secret: Secret,
}

/// The sources of all companies, and the installation's.
#[derive(Clone)]
pub struct Sources {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    vault: Vault,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    opened: Mutex<Opened>,
    /// Held from reading what is noted to committing what follows from it: two that note
    /// one endpoint at once would both leave a row in force.
    noting: tokio::sync::Mutex<()>,
    ensuring: Mutex<HashMap<Option<CompanyId>, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Default)]
struct Opened {
    owners: HashMap<Option<CompanyId>, Arc<Vec<(Source, Secret)>>>,
    /// Rises with every change, so that what was read before one is not kept after it.
    changed: u64,
}

impl Sources {
    /// Over this store and vault.
    pub fn new(store: Store, vault: Vault, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let (opened, noting, ensuring) = Default::default();
        Self { inner: Arc::new(Inner { store, vault, clock, rng, opened, noting, ensuring }) }
    }

    /// The turn of whoever makes an endpoint at Stripe for this owner and notes it: one at
    /// a time, until it is dropped. Noting itself takes another one.
    pub async fn turn(&self, of: impl Into<Option<CompanyId>>) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.inner.ensuring.lock().unwrap_or_else(PoisonError::into_inner);
            turns.entry(of.into()).or_default().clone()
        };
        turn.lock_owned().await
    }

    /// Notes a source of a company's or, with `None`, of the installation's. A known
    /// endpoint keeps its id; with another secret than before it gets a second row, and
    /// the one before is accepted for [`OLD_SECRET`]. Safe to repeat.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    pub async fn put(&self, of: impl Into<Option<CompanyId>>, new: NewSource) -> Result<Source, Failure> {
        self.rotate(of, new, OLD_SECRET, |_| None).await
    }

    /// As [`put`](Self::put), and says how long the secret before is accepted. `entry` goes
    /// into the unit of the change: it is the entry of the audit log.
    ///
    /// # Errors
    /// `conflict` when there are too many sources or the endpoint is of another account or
    /// mode, `store_unavailable`.
    pub async fn rotate(
        &self,
        of: impl Into<Option<CompanyId>>,
        new: NewSource,
        old_for: Duration,
        entry: impl FnOnce(&Source) -> Option<Write>,
    ) -> Result<Source, Failure> {
        let of = of.into();
        let _turn = self.inner.noting.lock().await;
        let now = model::from_micros(model::micros(self.inner.clock.now()));
        let known = self.inner.open(of).await?;
        let (over, live): (Vec<_>, Vec<_>) =
            known.iter().partition(|(source, _)| source.expires_at.is_some_and(|at| at <= now));
        let mut writes: Vec<_> = over.iter().map(|(over, _)| Write::RemoveSource(of, over.id)).collect();
        let same =
            |(source, _): &&&(Source, Secret)| source.endpoint == new.endpoint && source.expires_at.is_none();
        let mut replaced = None;
        for (source, secret) in live.iter().filter(same).copied() {
            if source.account != new.account || source.mode != new.mode {
                return Err(other_account(source));
            }
            if replaced.is_none() && secret.expose() == new.secret.expose() {
                replaced = Some(source);
            } else {
                let expires_at = now.checked_add(old_for).unwrap_or(Timestamp::MAX);
                writes.push(Write::PutSource(Source { expires_at: Some(expires_at), ..source.clone() }));
            }
        }
        if replaced.is_none() && is_full(&live, &new.endpoint) {
            return Err(too_many());
        }
        let source = self.inner.sealed(of, new, replaced, now).await?;
        writes.push(Write::PutSource(source.clone()));
        writes.extend(entry(&source));
        let done = self.inner.store.commit(Unit::interactive(writes)).await;
        self.forget(of);
        done.map_err(|e| failures::commit(&e))?;
        Ok(source)
    }

    /// Removes a source: deliveries signed with its secret are refused from now on. Gives
    /// back what was removed. `entry` goes into the unit of the change.
    ///
    /// # Errors
    /// `not_found`, `store_unavailable`.
    pub async fn remove(
        &self,
        of: impl Into<Option<CompanyId>>,
        id: SourceId,
        entry: impl FnOnce(&Source) -> Option<Write>,
    ) -> Result<Source, Failure> {
        let of = of.into();
        let source = self.list(of).await?.into_iter().find(|source| source.id == id);
        let source = source.ok_or_else(|| failures::unknown_source(&id.to_string()))?;
        let unit =
            Unit::interactive([Write::RemoveSource(of, id)].into_iter().chain(entry(&source)).collect());
        let done = self.inner.store.commit(unit).await;
        self.forget(of);
        done.map_err(|e| failures::commit(&e))?;
        Ok(source)
    }

    /// A company's sources, or the installation's.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn list(&self, of: impl Into<Option<CompanyId>>) -> Result<Vec<Source>, Failure> {
        self.inner.store.sources(of.into()).await.map_err(|e| failures::read(&e))
    }

    /// The signing secrets of a company, or of the installation, with the sources that
    /// they belong to, kept open in memory. Those of a rotated source stay until their time
    /// is over; whoever verifies looks at `expires_at`.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn secrets(
        &self,
        of: impl Into<Option<CompanyId>>,
    ) -> Result<Arc<Vec<(Source, Secret)>>, Failure> {
        let of = of.into();
        let changed = {
            let opened = self.opened();
            if let Some(known) = opened.owners.get(&of) {
                return Ok(known.clone());
            }
            opened.changed
        };
        let secrets = Arc::new(self.inner.open(of).await?);
        let mut opened = self.opened();
        // A company without sources may be a made-up id: not worth remembering.
        if opened.changed == changed && !secrets.is_empty() {
            opened.owners.insert(of, secrets.clone());
        }
        Ok(secrets)
    }

    /// Forgets the opened secrets of an owner, because they were changed or are gone.
    pub fn forget(&self, of: impl Into<Option<CompanyId>>) {
        let mut opened = self.opened();
        opened.changed += 1;
        opened.owners.remove(&of.into());
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, Opened> {
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    async fn open(&self, of: Option<CompanyId>) -> Result<Vec<(Source, Secret)>, Failure> {
        let sources = self.store.sources(of).await.map_err(|e| failures::read(&e))?;
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let keyring = self.vault.keyring_of(of).await?;
        let open = |source: Source| {
            let at = source.id.to_string();
            let plain = keyring.open(RowId { table: "sources", id: &at }, &source.secret)?;
            let secret = std::str::from_utf8(plain.as_bytes()).ok().and_then(Secret::new);
            secret.map(|secret| (source, secret)).ok_or_else(|| unreadable(&at))
        };
        sources.into_iter().map(open).collect()
    }

    /// The row of a new source, or of a known one that is brought up to date.
    async fn sealed(
        &self,
        company: Option<CompanyId>,
        new: NewSource,
        known: Option<&Source>,
        now: Timestamp,
    ) -> Result<Source, Failure> {
        let (id, created_at) = match known {
            Some(known) => (known.id, known.created_at),
            None => (SourceId::new(self.clock.as_ref(), self.rng.as_ref()), now),
        };
        let keyring = self.vault.keyring_of(company).await?;
        let at = id.to_string();
        let secret = keyring.seal(RowId { table: "sources", id: &at }, new.secret.expose().as_bytes());
        let NewSource { account, mode, endpoint, url, secret: _ } = new;
        Ok(Source { id, company, account, mode, endpoint, url, secret, created_at, expires_at: None })
    }
}

/// Whether another row has no room: another endpoint's, or one more secret.
fn is_full(live: &[&(Source, Secret)], endpoint: &str) -> bool {
    let endpoints: HashSet<&str> = live.iter().map(|(source, _)| source.endpoint.as_str()).collect();
    let fits = endpoints.contains(endpoint) || endpoints.len() < SOURCES_MAX;
    !fits || live.len() >= 2 * SOURCES_MAX
}

fn unreadable(id: &str) -> Failure {
    let text = format!("The signing secret of {id} is not text. Nothing was stored. Add the source again.");
    Failure::new(Code::InternalError, text)
}

fn other_account(source: &Source) -> Failure {
    let text = format!(
        "The endpoint {} is noted as of {} in mode {}. Nothing was changed. Correct the account and mode, or remove \
         the source {} first.",
        source.endpoint, source.account, source.mode, source.id
    );
    Failure::new(Code::Conflict, text).at("endpoint")
}

fn too_many() -> Failure {
    let text = format!(
        "There are {SOURCES_MAX} endpoints noted, or twice as many secrets, the most there may be. Nothing was stored. \
         Remove the sources that are not in use."
    );
    Failure::new(Code::Conflict, text).at("endpoint")
}
