//! Nango: keeps credentials and renews them; we fetch them and call Stripe ourselves.
//!
//! Nango's proxy turns forms into JSON, drops idempotency keys and repeats writes, so
//! it is not used. What would surprise: a refresh that failed at Nango blocks reading a
//! token that still works for 30 s, so the last good one is used until its own end.

mod answer;
mod client;
mod discover;
mod fetch;
mod refused;
mod session;
mod webhook;

pub(crate) use client::delete;
pub use discover::AddNango;
pub(crate) use discover::Waiting;
pub(crate) use fetch::{Fetched, in_use};
pub(crate) use refused::renew_refused;
pub use webhook::{NangoDelivery, Unsigned};

use model::{Failure, Mode};
use serde::{Deserialize, Serialize};
use store::Connection;

use crate::{Connections, NangoClient, failures};

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
}

impl Connections {
    /// The settings of Nango in this mode.
    fn nango(&self, mode: Mode) -> Result<NangoClient, Failure> {
        self.providers().nango.get(&mode).cloned().ok_or_else(|| failures::not_set_up("nango", mode))
    }
}
