//! The names that a template sees.

use std::collections::BTreeMap;

use minijinja::value::{Serde, Value as Jinja};
use serde_json::{Map, Value, json};

use super::absent::Absent;
use super::secret;
use crate::Told;

/// The names that a template sees: `input`, `event`, `steps`, `variables`, `run`,
/// `now` and `secrets`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Scope {
    root: Jinja,
}

/// What a scope is made of.
pub(crate) struct Names<'a> {
    pub input: &'a Value,
    pub is_event: bool,
    pub steps: Map<String, Value>,
    pub variables: &'a Map<String, Value>,
    pub run: &'a Told,
    pub started_at: model::Timestamp,
    pub now: model::Timestamp,
    pub secrets: &'a [String],
}

impl Scope {
    pub(crate) fn new(names: &Names<'_>) -> Self {
        let jinja = |value: &Value| Jinja::from(Serde(secret::unmarked(value).as_ref()));
        let mut root = BTreeMap::new();
        let input = jinja(names.input);
        if names.is_event {
            root.insert("event", input.clone());
        }
        root.insert("input", input);
        root.insert("steps", steps(&names.steps));
        root.insert("variables", Jinja::from(Serde(names.variables)));
        root.insert("run", jinja(&run(names)));
        root.insert("now", Jinja::from(names.now.to_string()));
        // These are the only placeholders that a template ever sees.
        let secrets = names.secrets.iter().map(|name| (name.clone(), json!(secret::placeholder(name))));
        root.insert("secrets", Jinja::from(Serde(Value::Object(secrets.collect()))));
        Self { root: Jinja::from(root) }
    }

    pub(super) fn root(&self) -> Jinja {
        self.root.clone()
    }
}

/// A step that was reached and gave nothing has an output that is absent rather than
/// undefined, so that guards work on what would be inside of it.
fn steps(known: &Map<String, Value>) -> Jinja {
    let step = |step: &Value| match step.get("output") {
        Some(_) => Jinja::from(Serde(secret::unmarked(step).as_ref())),
        None => {
            let status = Jinja::from(Serde(&step["status"]));
            Jinja::from(BTreeMap::from([("status", status), ("output", Absent::value())]))
        }
    };
    Jinja::from(known.iter().map(|(id, known)| (id.clone(), step(known))).collect::<BTreeMap<_, _>>())
}

fn run(names: &Names<'_>) -> Value {
    json!({
        "id": names.run.id.to_string(),
        "startedAt": names.started_at.to_string(),
        "workflow": names.run.workflow,
        "version": names.run.version,
        "mode": names.run.mode.as_str(),
    })
}
