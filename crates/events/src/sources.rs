//! Stripe's webhook endpoints that point at us, and their signing secrets.

use std::sync::Arc;

use connections::Vault;
use model::{AccountId, Clock, CompanyId, Failure, Mode, Rng};
use store::{Source, Store};
use stripe::signature::Secret;

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
    // the helper's
    _store: Store,
}

impl Sources {
    /// Over this store and vault.
    pub fn new(_store: Store, _vault: Vault, _clock: Arc<dyn Clock>, _rng: Arc<dyn Rng>) -> Self {
        todo!()
    }

    /// Notes a source; one with the same endpoint id is replaced. Safe to repeat.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn put(&self, _company: CompanyId, _new: NewSource) -> Result<Source, Failure> {
        todo!()
    }

    /// A company's sources.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn list(&self, _company: CompanyId) -> Result<Vec<Source>, Failure> {
        todo!()
    }

    /// The live signing secrets of a company with the sources that they belong to, kept
    /// open in memory.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn secrets(&self, _company: CompanyId) -> Result<Arc<Vec<(Source, Secret)>>, Failure> {
        todo!()
    }
}
