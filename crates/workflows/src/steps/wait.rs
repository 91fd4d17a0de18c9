//! The step type `wait`: for a length of time, until a moment, or for an event.
//!
//! An event wait names the object it is about: one equality on an id, evaluated when
//! the wait begins and indexed, so that an event finds its waits without looking at
//! all of them. It always ends: `atMost` is required.

use super::common;
use crate::check::payload_paths;
use crate::document::{Fields, events, read_filter};
use crate::duration::Span;
use crate::filter::{Filter, WAIT_PATHS};
use crate::notation::{Findings, Kind, Node};
use crate::template::{Template, is_template};

/// A wait.
#[derive(Debug, Clone)]
pub(crate) enum WaitStep {
    For(Span),
    Until(Template),
    Event(EventWait),
}

/// A wait for an event.
#[derive(Debug, Clone)]
pub(crate) struct EventWait {
    /// Types, prefixes expanded.
    pub kinds: Vec<String>,
    /// Templates are its texts until the wait begins.
    pub filter: Filter,
    /// The same templates, located, for the checker.
    pub templates: Vec<Template>,
    pub at_most: Span,
    /// Whether the run goes on when time is up.
    pub goes_on: bool,
}

const TIME: &[&str] = &["id", "name", "type", "when", "onError", "for", "until"];
const EVENT: &[&str] = &["id", "name", "type", "when", "onError", "event", "match", "atMost", "onTimeout"];
const KINDS: [&str; 3] = ["for", "until", "event"];

/// Reads what is special about it.
pub(super) fn read(fields: &Fields<'_>, node: &Node, found: &mut Findings<'_>) -> Option<WaitStep> {
    fields.text("name", found);
    let given: Vec<&str> = KINDS.into_iter().filter(|name| fields.get(name).is_some()).collect();
    let [kind] = given.as_slice() else {
        let message = "a wait has exactly one of `for`, `until` and `event`";
        let fix = Some(
            "`for: 14d`, `until: \"{{ … }}\"`, or `event: invoice.paid` with `match` and `atMost`".into(),
        );
        found.error(node.start, "missing_field", fields.path("for"), message, fix);
        return None;
    };
    fields.only(if *kind == "event" { EVENT } else { TIME }, &["timeout"], found);
    match *kind {
        "for" => common::duration(fields, "for", found).map(WaitStep::For),
        "until" => until(fields, found).map(WaitStep::Until),
        _ => event(fields, found).map(WaitStep::Event),
    }
}

fn until(fields: &Fields<'_>, found: &mut Findings<'_>) -> Option<Template> {
    let node = fields.get("until")?;
    match &node.kind {
        Kind::Text(text) if is_template(text) => common::template(text, node, &fields.path("until"), found),
        Kind::Text(text) if text.parse::<model::Timestamp>().is_ok() => {
            common::template(&format!("'{text}'"), node, &fields.path("until"), found)
        }
        _ => {
            fields.wrong("until", node, "a moment: `2026-12-24T18:00:00Z` or a template", found);
            None
        }
    }
}

fn event(fields: &Fields<'_>, found: &mut Findings<'_>) -> Option<EventWait> {
    let node = fields.get("event")?;
    let written = events(node, &fields.path("event"), found);
    let matched = fields.required("match", "`match: { data.object.id: \"{{ steps.….output.id }}\" }`", found);
    fields.required("atMost", "`atMost: 45d`; a wait always ends", found);
    let at_most = common::duration(fields, "atMost", found);
    let goes_on = fields.word("onTimeout", &["fail", "continue"], found) == Some("continue");
    let matched = matched?;
    let path = fields.path("match");
    let filter = read_filter(matched, &path, found)?;
    let mut templates = Vec::new();
    collect(matched, &path, &mut templates, found);
    names_an_object(&filter, matched, &path, found);
    let kinds: Vec<String> = written.iter().flat_map(|pattern| expand(pattern)).collect();
    payload_paths(matched, &kinds, &path, found);
    Some(EventWait { kinds, filter, templates, at_most: at_most?, goes_on })
}

fn names_an_object(filter: &Filter, node: &Node, path: &str, found: &mut Findings<'_>) {
    let fix = Some("`data.object.id: \"{{ steps.….output.id }}\"`".to_owned());
    match filter.id_equality() {
        None => {
            let message =
                format!("the wait names no object: it needs one equality on {}", WAIT_PATHS.join(", "));
            found.error(node.start, "wait_without_id", path, message, fix);
        }
        Some((_, serde_json::Value::String(_))) => {}
        Some((at, _)) => {
            let message = format!("`{at}` is compared with something that is no id");
            found.error(node.start, "wait_without_id", path, message, fix);
        }
    }
}

fn collect(node: &Node, path: &str, templates: &mut Vec<Template>, found: &mut Findings<'_>) {
    match &node.kind {
        Kind::Text(text) if is_template(text) => templates.extend(common::template(text, node, path, found)),
        Kind::List(items) => {
            items.iter().enumerate().for_each(|(i, n)| collect(n, &format!("{path}[{i}]"), templates, found));
        }
        Kind::Map(entries) => {
            entries.iter().for_each(|(k, n)| collect(n, &format!("{path}.{}", k.text), templates, found));
        }
        _ => {}
    }
}

/// `invoice.*` as the types there are.
fn expand(pattern: &str) -> Vec<String> {
    match pattern.strip_suffix('*') {
        None => vec![pattern.to_owned()],
        Some(prefix) => {
            let covered = stripe::tables::event_types().iter().filter(|kind| kind.starts_with(prefix));
            covered.map(|kind| (*kind).to_owned()).collect()
        }
    }
}
