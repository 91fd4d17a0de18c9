//! From the tree to the document.

use std::collections::{BTreeMap, HashSet};

use model::{Mode, WorkflowKey};
use serde_json::{Map, Value};

use super::{Document, Fields, trigger};
use crate::notation::{Findings, Kind, Node};
use crate::steps::{self, Step};
use crate::template::Templated;

/// Steps of one document.
const STEPS_MAX: usize = 200;

const KNOWN: &[&str] = &[
    "name",
    "key",
    "description",
    "trigger",
    "inputSchema",
    "variables",
    "variablesByMode",
    "connection",
    "steps",
    "output",
];

/// Reads a document; what is wrong with it is in `found`.
pub(crate) fn read(root: &Node, found: &mut Findings<'_>) -> Option<Document> {
    let fields = Fields::of(root, "", "a workflow", found)?;
    fields.only(KNOWN, &["onFailure", "settings"], found);
    fields.required("name", "`name: Invoice and payment`", found);
    let name = fields.text("name", found).unwrap_or_default().to_owned();
    if fields.get("name").is_some_and(|n| n.text().is_some()) && !(1..=255).contains(&name.chars().count()) {
        found.error(root.place_of("name"), "not_allowed", "name", "a name has 1 to 255 characters", None);
    }
    let key = key(&fields, root, &name, found);
    let trigger = fields
        .required("trigger", "`trigger: { type: api }`", found)
        .and_then(|node| trigger::read(node, found));
    let steps = fields
        .required("steps", "a workflow has at least one step", found)
        .map(|node| steps(node, found))
        .unwrap_or_default();
    let connection = fields.text("connection", found).map(str::to_owned);
    let description = fields.text("description", found).map(str::to_owned);
    let variables = constants(&fields, "variables", found);
    let variables_by_mode = by_mode(&fields, found);
    let input_schema = fields.get("inputSchema").map(Node::to_json);
    let output = fields.get("output").map(|node| templated(node, "output", found));
    Some(Document {
        name,
        key: key?,
        description,
        trigger: trigger?,
        connection,
        input_schema,
        variables,
        variables_by_mode,
        steps,
        output,
    })
}

fn key(fields: &Fields<'_>, root: &Node, name: &str, found: &mut Findings<'_>) -> Option<WorkflowKey> {
    if fields.get("key").is_some() {
        let text = fields.text("key", found)?;
        let key = WorkflowKey::parse(text);
        if let Err(e) = &key {
            let fix = WorkflowKey::from_name(text).map(|key| format!("`key: {key}`"));
            found.error(root.place_of("key"), "not_allowed", "key", e.to_string(), fix);
        }
        return key.ok();
    }
    let key = WorkflowKey::from_name(name);
    if key.is_none() && !name.is_empty() {
        let message = "no key can be made of this name: it has no letter or digit";
        found.error(root.place_of("name"), "not_allowed", "name", message, Some("add a `key`".into()));
    }
    key
}

fn steps(node: &Node, found: &mut Findings<'_>) -> Vec<Step> {
    let items = match &node.kind {
        Kind::List(items) if (1..=STEPS_MAX).contains(&items.len()) => items,
        Kind::List(items) => {
            let message = format!("a workflow has 1 to {STEPS_MAX} steps, not {}", items.len());
            found.error(node.start, "wrong_type", "steps", message, None);
            return Vec::new();
        }
        _ => {
            let message = format!("`steps` is a list, not {}", node.describe());
            found.error(
                node.start,
                "wrong_type",
                "steps",
                message,
                Some("begin each step with `- id: …`".into()),
            );
            return Vec::new();
        }
    };
    let mut seen = HashSet::new();
    let mut steps = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let path = format!("steps[{i}]");
        let Some(step) = steps::read(item, &path, found) else { continue };
        if !seen.insert(step.id.clone()) {
            let message = format!("a step before this one has the id `{}` too", step.id);
            let fix = Some("give every step its own id".to_owned());
            found.error(item.place_of("id"), "duplicate_id", format!("{path}.id"), message, fix);
        }
        steps.push(step);
    }
    steps
}

fn constants(fields: &Fields<'_>, name: &str, found: &mut Findings<'_>) -> Map<String, Value> {
    let Some(node) = fields.get(name) else { return Map::new() };
    if !node.is_map() {
        fields.wrong(name, node, "a map of constants", found);
    }
    no_templates(node, &fields.path(name), "constants", found);
    node.to_map()
}

fn by_mode(fields: &Fields<'_>, found: &mut Findings<'_>) -> BTreeMap<Mode, Map<String, Value>> {
    let Some(node) = fields.get("variablesByMode") else { return BTreeMap::new() };
    let Some(modes) = Fields::of(node, "variablesByMode", "`variablesByMode`", found) else {
        return BTreeMap::new();
    };
    modes.only(&["live", "test", "local"], &[], found);
    [Mode::Live, Mode::Test, Mode::Local]
        .into_iter()
        .filter(|mode| modes.get(mode.as_str()).is_some())
        .map(|mode| (mode, constants(&modes, mode.as_str(), found)))
        .collect()
}

/// Refuses templates where nothing evaluates them.
pub(crate) fn no_templates(node: &Node, path: &str, what: &str, found: &mut Findings<'_>) {
    match &node.kind {
        Kind::Text(text) if crate::template::is_template(text) => {
            let message = format!("{what} are not evaluated; a template stands for itself here");
            let fix = Some("write the value, or use the template in a step".to_owned());
            found.error(node.start, "template_not_here", path, message, fix);
        }
        Kind::List(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, item)| no_templates(item, &format!("{path}[{i}]"), what, found));
        }
        Kind::Map(entries) => {
            entries.iter().for_each(|(k, n)| no_templates(n, &format!("{path}.{}", k.text), what, found));
        }
        _ => {}
    }
}

/// Compiles the templates of a node; findings for those that cannot be read.
pub(crate) fn templated(node: &Node, path: &str, found: &mut Findings<'_>) -> Templated {
    let mut wrong = Vec::new();
    let templated = Templated::compile(node, found.text(), path, &mut wrong);
    for (path, e) in wrong {
        found.error(e.at, e.code, path, e.message, e.fix);
    }
    templated
}
