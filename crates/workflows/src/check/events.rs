//! Event types, and paths into events.

use stripe::tables;

use super::{did_you_mean, shapes};
use crate::notation::{Findings, Node, cut};
use crate::template::syntax::Segment;

/// Checks one event type as a document writes it.
pub(crate) fn event_type(pattern: &str, at: usize, path: &str, found: &mut Findings<'_>) {
    let known = tables::event_types();
    let is_known = match pattern.strip_suffix('*') {
        Some(prefix) => {
            (prefix.is_empty() || prefix.ends_with('.')) && known.iter().any(|kind| kind.starts_with(prefix))
        }
        None => known.contains(&pattern),
    };
    if is_known {
        return;
    }
    let fix = did_you_mean(pattern, known.iter().copied())
        .unwrap_or_else(|| "`invoice.paid`, or `invoice.*` for all of a kind".into());
    let message = format!("Stripe has no event type `{}`", cut(pattern));
    found.error(at, "unknown_event_type", path, message, Some(fix));
}

/// Checks the paths of a filter on events of these types: every one has to be there
/// in at least one of the objects that such events carry.
pub(crate) fn payload_paths(filter: &Node, kinds: &[String], path: &str, found: &mut Findings<'_>) {
    for (key, value) in filter.entries() {
        let here = format!("{path}.{}", key.text);
        if key.text.starts_with('$') {
            match &value.kind {
                crate::notation::Kind::List(items) => {
                    items.iter().for_each(|item| payload_paths(item, kinds, &here, found));
                }
                _ => payload_paths(value, kinds, &here, found),
            }
            continue;
        }
        let segments: Vec<Segment> = key.text.split('.').map(segment).collect();
        if let Err(miss) = shapes::event(kinds, &segments) {
            found.error(key.start, "unknown_field", here, miss.message, miss.fix);
        }
    }
}

fn segment(part: &str) -> Segment {
    if part.bytes().all(|b| b.is_ascii_digit()) { Segment::Index } else { Segment::Name(part.to_owned()) }
}
