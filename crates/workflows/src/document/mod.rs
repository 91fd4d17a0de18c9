//! The document: one model behind YAML and JSON.

mod fields;
mod read;
mod trigger;

use std::collections::BTreeMap;

use model::{Mode, WorkflowKey};
use serde_json::{Map, Value};

use crate::steps::Step;
use crate::template::Templated;

pub(crate) use fields::Fields;
pub(crate) use read::{read, templated};
pub use trigger::Trigger;
pub(crate) use trigger::{covers, events, filter as read_filter};

/// A document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The text, comments included.
    pub text: String,
    /// Where it came from, for messages: a file name, or `document`.
    pub name: String,
}

impl Source {
    /// A text and where it came from.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { text: text.into(), name: name.into() }
    }

    /// How it is written.
    pub fn format(&self) -> Format {
        let text = self.text.trim_start_matches('\u{FEFF}').trim_start();
        if text.starts_with('{') { Format::Json } else { Format::Yaml }
    }
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
    /// What it is for.
    pub description: Option<String>,
    /// What starts it.
    pub trigger: Trigger,
    /// The connection of its steps, unless they name one.
    pub connection: Option<String>,
    pub(crate) input_schema: Option<Value>,
    pub(crate) variables: Map<String, Value>,
    pub(crate) variables_by_mode: BTreeMap<Mode, Map<String, Value>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) output: Option<Templated>,
}

impl Document {
    /// The constants that a run in this mode sees.
    pub(crate) fn variables(&self, mode: Mode) -> Map<String, Value> {
        let mut variables = self.variables.clone();
        variables.extend(self.variables_by_mode.get(&mode).cloned().unwrap_or_default());
        variables
    }
}
