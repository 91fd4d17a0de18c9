//! Who calls.

use model::{CompanyId, Failure, KeyId};
use store::Company;

use crate::App;

/// The caller of a request, by its API key.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose data it may reach.
    pub company: CompanyId,
    /// Its key.
    pub key: KeyId,
    /// What it may do.
    pub scopes: Vec<String>,
}

/// A new API key; the text is shown once.
pub struct Issued {
    /// Its id.
    pub id: KeyId,
    /// `bsk_…`.
    pub text: String,
}

/// The company of this name, made if it is missing.
///
/// # Errors
/// `store_unavailable`.
pub async fn ensure_company(_app: &App, _name: &str) -> Result<Company, Failure> {
    todo!()
}

/// Makes an API key with these scopes; only its hash is kept.
///
/// # Errors
/// `store_unavailable`.
pub async fn issue_key(_app: &App, _company: CompanyId, _name: &str, _scopes: &[&str]) -> Result<Issued, Failure> {
    todo!()
}
