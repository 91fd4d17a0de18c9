//! One atomic change of the state, as the log keeps it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stripe::{PINNED, Version};

use crate::{keys, oauth, settings::Settings, value};

/// What one request, or one act of the control API, changes. All of it or nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// Written at every start: how often the folder was opened, under which seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) boot: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
    /// Everything before this is forgotten, clock included.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reset: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ids_next: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset_ms: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) puts: Vec<Put>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) deliveries: Vec<NewDelivery>,
    /// Deliveries that are over, for whatever reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) delivered: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<Kept>,
    /// The key under which an operation ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) executed: Option<String>,
    /// The connected account whose objects, ids and keys these are; else the sandbox's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// What was granted, used up or taken back by OAuth.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) oauth: Vec<oauth::Change>,
    /// How the account behaves from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settings: Option<Settings>,
    /// What the next attempts at a card are refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failing: Option<Vec<String>>,
    /// Keys that were made, rolled or deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) issued: Vec<keys::Change>,
}

impl Record {
    /// What is left of an act that was refused: ids that were handed out stay used.
    pub(crate) fn only_ids(self) -> Self {
        Self { ids_next: self.ids_next, account: self.account, ..Self::default() }
    }

    /// The events that it records.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Value> {
        let stored = self.puts.iter().filter_map(|put| put.value.as_ref());
        stored.filter(|object| value::text(object, "object") == Some("event"))
    }
}

/// An object as it is from now on; without a value it is gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Put {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) value: Option<Value>,
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NewDelivery {
    pub(crate) id: u64,
    pub(crate) event: String,
    pub(crate) endpoint: String,
    /// The connected account that the event is of; else the sandbox's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) account: Option<String>,
    /// Milliseconds on the sandbox's clock.
    pub(crate) created_ms: i64,
    /// How much later than that it is due; less than nothing lets it overtake others.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) shift_ms: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// The answer kept under an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) key: String,
    /// Verb, path and parameters, by which a repeat is told from another request.
    pub(crate) print: String,
    pub(crate) status: u16,
    pub(crate) body: String,
    /// The version that the body has the shape of.
    #[serde(default = "newest")]
    pub(crate) version: Version,
    /// The first request's id.
    pub(crate) request: String,
    pub(crate) at_ms: i64,
}

/// Logs from before there were others.
fn newest() -> Version {
    PINNED
}
