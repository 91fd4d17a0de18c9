//! What happened, newest first.

use serde_json::Value;

use super::{
    Asked, Page, ROWS_MAX,
    table::{created, id, older, table},
};
use crate::{
    core::{Core, Shared},
    page::escaped,
    state::State,
    value,
};

pub(super) fn page(shared: &Shared, asked: &Asked) -> Page {
    let core = shared.core();
    let (rows, next) = rows(&core, asked, ROWS_MAX);
    let next = next.map(|at| asked.link(&core.state, &format!("/_sandbox/events?before={at}")));
    Page::new("Events", rows + &older(next))
}

/// The newest of the account, and the place of the last one shown if there are more.
pub(super) fn rows(core: &Core, asked: &Asked, most: usize) -> (String, Option<u64>) {
    let state = asked.state(&core.state);
    let mut places = state.index().places("event", None).range(..asked.before()).rev();
    let shown: Vec<(&u64, &String)> = places.by_ref().take(most).collect();
    let next = shown.last().filter(|_| places.next().is_some()).map(|(at, _)| **at);
    let events = shown.iter().filter_map(|(_, id)| state.get(id));
    let rows: Vec<Vec<String>> = events.map(|event| row(&core.state, state, &event.value)).collect();
    (listed(&rows), next)
}

/// Events in a table.
pub(super) fn listed(rows: &[Vec<String>]) -> String {
    table(&["Time", "Type", "Event", "Object", "Still to deliver"], rows, "Nothing has happened yet.")
}

pub(super) fn row(root: &State, state: &State, event: &Value) -> Vec<String> {
    let kind = value::text(event, "type").unwrap_or_default();
    let object = event.pointer("/data/object/id").and_then(Value::as_str).unwrap_or_default();
    vec![
        created(event),
        format!("<code>{}</code>", escaped(kind)),
        id(root, state, value::id(event)),
        id(root, state, object),
        root.deliveries.pending(value::id(event)).to_string(),
    ]
}
