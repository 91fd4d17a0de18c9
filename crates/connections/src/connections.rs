//! Connections and their credentials.

use std::sync::Arc;

use model::{AccountId, Binding, Clock, CompanyId, ConnectionId, Failure, Mode, Rng};
use store::{Connection, Store};
use stripe::Credential;

use crate::{Vault, Wanted};

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

/// The connections of all companies.
#[derive(Clone)]
pub struct Connections {
    // the helper's
    _store: Store,
}

impl Connections {
    /// Over this store and vault.
    pub fn new(_store: Store, _vault: Vault, _clock: Arc<dyn Clock>, _rng: Arc<dyn Rng>) -> Self {
        todo!()
    }

    /// Adds a connection, or gives an existing one of that name and account a new
    /// credential and address: its id stays. Safe to repeat.
    ///
    /// # Errors
    /// `conflict` when the name belongs to a connection of another account or mode;
    /// `validation_error` for a key that is publishable, malformed, or of another mode.
    pub async fn put(&self, _company: CompanyId, _new: NewConnection) -> Result<Connection, Failure> {
        todo!()
    }

    /// A company's connections, oldest first.
    pub async fn list(&self, _company: CompanyId) -> Result<Vec<Connection>, Failure> {
        todo!()
    }

    /// The connection that a call uses.
    ///
    /// # Errors
    /// `connection_required`, listing those there are and how to add one.
    pub async fn choose(&self, _company: CompanyId, _wanted: Wanted) -> Result<Binding, Failure> {
        todo!()
    }

    /// The credential of a binding and where to send, cached; refused when the
    /// connection has come to be of another account or mode.
    ///
    /// # Errors
    /// `connection_required`, `connection_expired`, `conflict`.
    pub async fn credential(&self, _binding: &Binding) -> Result<(Credential, String), Failure> {
        todo!()
    }

    /// Forgets cached credentials of a connection.
    pub fn forget(&self, _id: ConnectionId) {
        todo!()
    }
}
