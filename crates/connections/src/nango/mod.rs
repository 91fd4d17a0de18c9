//! Nango: keeps credentials and renews them; we fetch them and call Stripe ourselves.
//!
//! Nango's proxy turns forms into JSON, drops idempotency keys and repeats writes, so
//! it is not used. What would surprise: a refresh that failed at Nango blocks reading a
//! token that still works for 30 s, so the last good one is used until its own end.

mod answer;
mod cache;
mod client;
mod discover;
mod fetch;
mod import;
mod preflight;
mod refused;
mod session;
mod trouble;
mod waiting;
mod webhook;

pub(crate) use cache::Fetched;
pub(crate) use fetch::in_use;
pub use import::AddNango;
pub use preflight::Checked;
pub(crate) use refused::renew_refused;
pub(crate) use waiting::Waiting;
pub use webhook::{NangoDelivery, Unsigned};

use model::{Failure, Mode};
use serde::{Deserialize, Serialize};
use store::Connection;

use self::client::Access;
use crate::{Connections, failures};

/// What a row says of its place at Nango.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    /// The integration, Nango's `provider_config_key`.
    pub(crate) integration: String,
    /// Nango's id, once it is known. With the integration it is the identity there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) connection_id: Option<String>,
    /// Whether it was made elsewhere: then it is not ours to delete there.
    #[serde(default)]
    pub(crate) imported: bool,
}

impl Place {
    /// Where this row's credential is.
    pub(crate) fn of(row: &Connection) -> Result<Self, Failure> {
        serde_json::from_str(&row.details).map_err(|_| failures::unreadable(&row.name))
    }

    /// Whether it is the same connection there, whoever made it.
    fn is_at(&self, other: &Self) -> bool {
        self.integration == other.integration && self.connection_id == other.connection_id
    }
}

impl Connections {
    /// The settings of Nango in this mode.
    fn nango(&self, mode: Mode) -> Result<Access<'_>, Failure> {
        let client = self.providers().nango.get(&mode).cloned();
        let client = client.ok_or_else(|| failures::not_set_up("nango", mode))?;
        Ok(Access { connections: self, client, mode })
    }

    /// The same in a mode that somebody chose.
    fn nango_in(&self, mode: Mode) -> Result<Access<'_>, Failure> {
        let others = self.providers().nango.keys().copied().collect::<Vec<_>>();
        self.nango(mode).map_err(|_| failures::not_set_up_but("nango", mode, others.into_iter()))
    }
}
