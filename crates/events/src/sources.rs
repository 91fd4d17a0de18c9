//! Stripe's webhook endpoints that point at us, and their signing secrets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use connections::{RowId, Vault};
use model::{AccountId, Clock, Code, CompanyId, Failure, Mode, Rng, SourceId};
use store::{Source, Store, Unit, Write};
use stripe::signature::Secret;

use crate::failures;

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

/// The sources of all companies.
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
}

#[derive(Default)]
struct Opened {
    companies: HashMap<CompanyId, Arc<Vec<(Source, Secret)>>>,
    /// Rises with every change, so that what was read before one is not kept after it.
    changed: u64,
}

impl Sources {
    /// Over this store and vault.
    pub fn new(store: Store, vault: Vault, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { inner: Arc::new(Inner { store, vault, clock, rng, opened: Mutex::default() }) }
    }

    /// Notes a source; one with the same endpoint id is replaced and keeps its id.
    /// Safe to repeat.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn put(&self, company: CompanyId, new: NewSource) -> Result<Source, Failure> {
        let inner = &self.inner;
        let known = self.list(company).await?.into_iter().find(|row| row.endpoint == new.endpoint);
        let now = model::from_micros(model::micros(inner.clock.now()));
        let (id, created_at) = match known {
            Some(known) => (known.id, known.created_at),
            None => (SourceId::new(inner.clock.as_ref(), inner.rng.as_ref()), now),
        };
        let keyring = inner.vault.keyring(company).await?;
        let at = id.to_string();
        let secret = keyring.seal(RowId { table: "sources", id: &at }, new.secret.expose().as_bytes());
        let (account, mode, endpoint, url) = (new.account, new.mode, new.endpoint, new.url);
        let source =
            Source { id, company, account, mode, endpoint, url, secret, created_at, expires_at: None };
        let done = inner.store.commit(Unit::interactive(vec![Write::PutSource(source.clone())])).await;
        self.forget(company);
        done.map_err(|e| failures::commit(&e))?;
        Ok(source)
    }

    /// A company's sources.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn list(&self, company: CompanyId) -> Result<Vec<Source>, Failure> {
        self.inner.store.sources(company).await.map_err(|e| failures::read(&e))
    }

    /// The live signing secrets of a company with the sources that they belong to, kept
    /// open in memory. Those of a rotated source stay until their time is over; whoever
    /// verifies looks at `expires_at`.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn secrets(&self, company: CompanyId) -> Result<Arc<Vec<(Source, Secret)>>, Failure> {
        let changed = {
            let opened = self.opened();
            if let Some(known) = opened.companies.get(&company) {
                return Ok(known.clone());
            }
            opened.changed
        };
        let secrets = Arc::new(self.open(company).await?);
        let mut opened = self.opened();
        // A company without sources may be a made-up id: not worth remembering.
        if opened.changed == changed && !secrets.is_empty() {
            opened.companies.insert(company, secrets.clone());
        }
        Ok(secrets)
    }

    async fn open(&self, company: CompanyId) -> Result<Vec<(Source, Secret)>, Failure> {
        let sources = self.list(company).await?;
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let keyring = self.inner.vault.keyring(company).await?;
        let open = |source: Source| {
            let at = source.id.to_string();
            let plain = keyring.open(RowId { table: "sources", id: &at }, &source.secret)?;
            let secret = std::str::from_utf8(plain.as_bytes()).ok().and_then(Secret::new);
            secret.map(|secret| (source, secret)).ok_or_else(|| unreadable(&at))
        };
        sources.into_iter().map(open).collect()
    }

    fn forget(&self, company: CompanyId) {
        let mut opened = self.opened();
        opened.changed += 1;
        opened.companies.remove(&company);
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, Opened> {
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreadable(id: &str) -> Failure {
    let text = format!("The signing secret of {id} is not text. Nothing was stored. Add the source again.");
    Failure::new(Code::InternalError, text)
}
