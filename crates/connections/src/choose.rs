//! Which connection a call uses.

use model::{AccountId, Mode};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The connection that owns this account in this mode: what a webhook's run is
    /// bound to. With a name, that connection must be the one.
    Owner {
        /// The event's account.
        account: AccountId,
        /// The source's mode.
        mode: Mode,
        /// A name that the document gives.
        named: Option<String>,
    },
    /// This one, by name or id.
    Named(String),
    /// The default, else the only active one.
    Default,
}
