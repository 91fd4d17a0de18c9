//! What a provider grants when somebody authorizes a connection.

use model::{AccountId, Mode, Timestamp};

use crate::kept::Secrets;

/// A grant, checked and not yet sealed.
pub(crate) struct Grant {
    /// The account that it reaches.
    pub(crate) account: AccountId,
    /// The mode that it reaches.
    pub(crate) mode: Mode,
    pub(crate) secrets: Secrets,
    /// When the secrets run out; `None` when they do not by themselves.
    pub(crate) expires_at: Option<Timestamp>,
    /// What was granted, in the provider's words.
    pub(crate) scopes: Vec<String>,
    /// What the way has to know besides and is no secret.
    pub(crate) details: serde_json::Value,
}
