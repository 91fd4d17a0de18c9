//! The vault: seals and opens.
//!
//! AES-256-GCM. A data key per company and purpose, wrapped by the master key and
//! opened once per process; the row's identity is authenticated, so a ciphertext
//! moved to another row does not open.

use std::sync::Arc;

use model::{CompanyId, Failure, Sealed};
use store::Store;

use crate::MasterKey;

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
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain(…)")
    }
}

/// The vault of one database.
#[derive(Clone)]
pub struct Vault {
    // the helper's
    _store: Store,
}

/// A company's opened data keys. Sealing and opening with it does no I/O.
pub struct Keyring {
    // the helper's
}

impl Vault {
    /// Opens the vault and proves that the master key is the right one.
    ///
    /// # Errors
    /// `vault_key_missing` when it is not: nothing was changed or destroyed, and it
    /// says which key is needed.
    pub async fn open(_store: Store, _master: MasterKey) -> Result<Self, Failure> {
        todo!()
    }

    /// A company's keyring, made on first use and kept for the life of the process.
    pub async fn keyring(&self, _company: CompanyId) -> Result<Arc<Keyring>, Failure> {
        todo!()
    }
}

impl Keyring {
    /// Seals bytes for a row.
    pub fn seal(&self, _at: RowId<'_>, _plain: &[u8]) -> Sealed {
        todo!()
    }

    /// Opens what was sealed for this row.
    ///
    /// # Errors
    /// `internal_error` when it was sealed for another row, was altered, or belongs
    /// to another key; the text names the row and never the content.
    pub fn open(&self, _at: RowId<'_>, _sealed: &Sealed) -> Result<Plain, Failure> {
        todo!()
    }
}
