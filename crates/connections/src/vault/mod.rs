//! The vault: seals and opens.
//!
//! AES-256-GCM. A data key per company and purpose, wrapped by the master key and
//! opened once per process; the row's identity is authenticated, so a ciphertext
//! moved to another row does not open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use aws_lc_rs::rand;
use model::{Code, CompanyId, Failure, Sealed};
use store::{DataKey, Effected, Store, Unit, Write};
use zeroize::{Zeroize as _, Zeroizing};

use crate::failures;

mod master;
mod rotate;
mod seal;

pub use master::{MasterKey, MasterKeyError};
use seal::Key;
pub(crate) use seal::Unopened;

/// Where a ciphertext rests; part of what is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowId<'a> {
    /// The table, which is also the purpose of the data key: `receipts`, `intents`,
    /// `journal`, `runs`, `credentials`, `secrets`, `sources`.
    pub table: &'static str,
    /// The row.
    pub id: &'a str,
}

/// Opened bytes. No `Debug` of the content; wiped when dropped.
pub struct Plain(Vec<u8>);

impl Plain {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain(…)")
    }
}

/// The purposes that have data keys of their own. Any other table shares `other`,
/// and is kept apart by what is authenticated.
const PURPOSES: [&str; 8] =
    ["receipts", "intents", "journal", "runs", "credentials", "secrets", "sources", "other"];

/// Whose data keys are no company's.
const INSTALLATION: &str = "installation";

/// The data key that proves the master key, and what it wraps.
const CHECK: &str = "check";
const CHECK_TEXT: &[u8; 32] = b"bursar vault check value, v1 ...";

/// The vault of one database. Clones share their opened keys.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    master: RwLock<Arc<Master>>,
    /// Held while data keys are made, and alone while all are wrapped anew. Holds the
    /// master key of a change whose commit nobody knows the result of.
    making: tokio::sync::RwLock<Option<Master>>,
    /// By company; `None` is the installation's own.
    opened: Mutex<HashMap<Option<CompanyId>, Arc<Keyring>>>,
}

/// The master key in use and its name.
struct Master {
    key: Key,
    id: String,
}

/// A company's opened data keys. Sealing and opening with it does no I/O.
pub struct Keyring {
    keys: [Key; PURPOSES.len()],
}

impl Vault {
    /// Opens the vault and proves that the master key is the right one.
    ///
    /// # Errors
    /// `vault_key_missing` when it is not: nothing was changed or destroyed, and it
    /// says which key is needed.
    pub async fn open(store: Store, master: MasterKey) -> Result<Self, Failure> {
        let master = RwLock::new(Arc::new(Master::new(&master)));
        let inner = Inner { store, master, making: Default::default(), opened: Mutex::default() };
        inner.prove().await?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A company's keyring, made on first use and kept for the life of the process.
    ///
    /// # Errors
    /// `store_unavailable`; `vault_key_missing` when a data key is wrapped by another
    /// master key; `internal_error` when one was altered.
    pub async fn keyring(&self, company: CompanyId) -> Result<Arc<Keyring>, Failure> {
        self.keyring_of(Some(company)).await
    }

    /// A company's keyring, or the installation's own: what belongs to no company is
    /// sealed under that one.
    ///
    /// # Errors
    /// As [`keyring`](Self::keyring).
    pub async fn keyring_of(&self, owner: Option<CompanyId>) -> Result<Arc<Keyring>, Failure> {
        let opened = || self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keyring) = opened().get(&owner) {
            return Ok(keyring.clone());
        }
        let keyring = Arc::new(self.inner.load(owner).await?);
        Ok(opened().entry(owner).or_insert(keyring).clone())
    }

    /// Forgets a company's opened keys, because what they open is gone.
    pub fn forget(&self, company: CompanyId) {
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&Some(company));
    }
}

impl Inner {
    /// Unwraps the check value, or leaves one in a database without any data key.
    async fn prove(&self) -> Result<(), Failure> {
        let known = self.store.data_key(CHECK).await.map_err(|e| failures::read(&e))?;
        let check = match known {
            Some(check) => check,
            None => {
                // Data keys without a check value: one of them proves as much, and a
                // wrong master key must not leave a check value of its own.
                for key in self.store.data_keys().await.map_err(|e| failures::read(&e))? {
                    self.unwrap_key(&key)?;
                }
                self.put(vec![self.wrap(CHECK.to_owned(), CHECK_TEXT)]).await?.remove(0)
            }
        };
        if *self.unwrap_key(&check)? == *CHECK_TEXT { Ok(()) } else { Err(damaged(CHECK)) }
    }

    async fn load(&self, owner: Option<CompanyId>) -> Result<Keyring, Failure> {
        let owner = owner.map_or_else(|| INSTALLATION.to_owned(), |company| company.to_string());
        let mut stored = Vec::with_capacity(PURPOSES.len());
        for purpose in PURPOSES {
            let id = format!("{owner}/{purpose}");
            stored.extend(self.store.data_key(&id).await.map_err(|e| failures::read(&e))?);
        }
        if stored.len() < PURPOSES.len() {
            let unsettled = self.making.read().await;
            if unsettled.is_some() {
                return Err(unsettled_change());
            }
            // A key that exists already is returned as it is stored, so a race is harmless.
            stored = self.put(PURPOSES.map(|p| self.fresh(format!("{owner}/{p}"))).into()).await?;
        }
        let mut keys = Vec::with_capacity(PURPOSES.len());
        for key in &stored {
            keys.push(Key::new(&*self.unwrap_key(key)?, key.id.clone()));
        }
        keys.try_into().map(|keys| Keyring { keys }).map_err(|_| damaged(&format!("{owner}/…")))
    }

    fn master(&self) -> Arc<Master> {
        self.master.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn put(&self, keys: Vec<DataKey>) -> Result<Vec<DataKey>, Failure> {
        let count = keys.len();
        let unit = Unit::interactive(keys.into_iter().map(Write::PutDataKey).collect());
        let effects = self.store.commit(unit).await.map_err(|e| failures::commit(&e))?;
        let stored: Vec<_> = effects
            .into_iter()
            .filter_map(|effect| if let Effected::DataKey(key) = effect { Some(key) } else { None })
            .collect();
        if stored.len() == count { Ok(stored) } else { Err(damaged("data_keys")) }
    }

    fn fresh(&self, id: String) -> DataKey {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice()).expect("the operating system gives randomness");
        self.wrap(id, &bytes)
    }

    fn wrap(&self, id: String, bytes: &[u8; 32]) -> DataKey {
        self.master().wrap(id, bytes)
    }

    fn unwrap_key(&self, key: &DataKey) -> Result<Zeroizing<[u8; 32]>, Failure> {
        self.master().unwrap(key)
    }
}

impl Master {
    fn new(master: &MasterKey) -> Self {
        Self { key: Key::new(master.bytes(), master.id()), id: master.id().to_owned() }
    }

    fn wrap(&self, id: String, bytes: &[u8; 32]) -> DataKey {
        let wrapped = self.key.seal(RowId { table: "data_keys", id: &id }, bytes);
        DataKey { id, wrapped, master: self.id.clone() }
    }

    fn unwrap(&self, key: &DataKey) -> Result<Zeroizing<[u8; 32]>, Failure> {
        if key.master != self.id {
            return Err(other_master(&key.master, &self.id));
        }
        let at = RowId { table: "data_keys", id: &key.id };
        let plain = self.key.open(at, &key.wrapped).map_err(|_| damaged(&key.id))?;
        let bytes = plain.as_bytes().try_into().map_err(|_| damaged(&key.id))?;
        Ok(Zeroizing::new(bytes))
    }
}

fn unsettled_change() -> Failure {
    let text = "The master key was being changed when the database failed, and which one holds is not known yet. \
                Nothing was sent to Stripe. Repeat `bursar vault rotate` with the same key, or start the server anew.";
    Failure::new(Code::StoreUnavailable, text).retry(model::Retry::SameKey)
}

fn other_master(needed: &str, given: &str) -> Failure {
    let text = format!(
        "This database is sealed under the master key {needed}, and the one given is {given}. Nothing was changed \
         and nothing was sent to Stripe. Put the right key in place and start again."
    );
    Failure::new(Code::VaultKeyMissing, text)
}

fn damaged(id: &str) -> Failure {
    Failure::new(
        Code::InternalError,
        format!(
            "The data key {id} does not open under its master key: the row was altered or damaged. \
             Nothing was sent to Stripe. Restore the database from a backup."
        ),
    )
}

impl Keyring {
    /// Seals bytes for a row.
    ///
    /// # Panics
    /// When the operating system has no randomness, in which case nothing is safe.
    pub fn seal(&self, at: RowId<'_>, plain: &[u8]) -> Sealed {
        self.key(at.table).seal(at, plain)
    }

    /// Opens what was sealed for this row.
    ///
    /// # Errors
    /// `internal_error` when it was sealed for another row, was altered, or belongs
    /// to another key; the text names the row and never the content.
    pub fn open(&self, at: RowId<'_>, sealed: &Sealed) -> Result<Plain, Failure> {
        self.key(at.table).open(at, sealed).map_err(|why| failures::unopened(at, why))
    }

    fn key(&self, table: &str) -> &Key {
        let own = PURPOSES.iter().position(|purpose| *purpose == table);
        &self.keys[own.unwrap_or(PURPOSES.len() - 1)]
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}
