//! The document: one model behind YAML and JSON.

use model::{Timestamp, WorkflowKey};

use crate::Filter;

/// A document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The text, comments included.
    pub text: String,
    /// Where it came from, for messages: a file name, or `document`.
    pub name: String,
}

/// How a document is written. JSON is what begins with `{`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named for what they are")]
pub enum Format {
    Yaml,
    Json,
}

/// The parsed document; the program is made of it.
#[derive(Debug, Clone)]
pub struct Document {
    /// What people call it.
    pub name: String,
    /// Its identity.
    pub key: WorkflowKey,
    /// What starts it.
    pub trigger: Trigger,
}

/// What starts runs.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// Somebody asks.
    Api,
    /// A Stripe event.
    Webhook {
        /// Types; `invoice.*` is a prefix; empty means every event.
        events: Vec<String>,
        /// A condition on the raw event.
        filter: Option<Filter>,
    },
}

impl Trigger {
    /// Whether the trigger listens for events of this type.
    pub fn listens(&self, _kind: &str) -> bool {
        todo!()
    }

    /// Whether an event starts a run: the type is listened for, the event is not
    /// from before `active_since` (its `created` second is not below it), and the
    /// filter holds.
    ///
    /// # Errors
    /// When the filter cannot be evaluated on this event; the text says why.
    pub fn starts(&self, _event: &serde_json::Value, _active_since: Timestamp) -> Result<bool, String> {
        todo!()
    }
}
