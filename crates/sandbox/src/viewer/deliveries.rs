//! What is on its way to webhook endpoints, and the endpoints.

use serde_json::Value;

use super::{
    Asked, Page, ROWS_MAX,
    table::{id, moment, table},
};
use crate::{
    core::{Core, Shared},
    deliveries::Open,
    page::escaped,
    state::State,
    value,
};

pub(super) fn page(shared: &Shared, asked: &Asked) -> Page {
    let core = shared.core();
    let state = asked.state(&core.state);
    let endpoints: Vec<Vec<String>> =
        state.of_kind("webhook_endpoint").map(|one| endpoint(&core.state, state, one)).collect();
    let main = format!(
        "<h2>Open</h2><p>An event is delivered until its endpoint answers 2xx, for three days of the sandbox's clock.</p>\
         {}<h2>Endpoints</h2>{}",
        rows(&core, ROWS_MAX),
        table(
            &["Endpoint", "Status", "Address", "Events"],
            &endpoints,
            "No webhook endpoint is registered: POST /v1/webhook_endpoints makes one."
        )
    );
    Page::new("Deliveries", main)
}

/// The deliveries that are still open, oldest first.
pub(super) fn rows(core: &Core, most: usize) -> String {
    let open: Vec<Vec<String>> =
        core.state.deliveries.all().take(most).map(|one| delivery(&core.state, one)).collect();
    let table =
        table(&["Event", "Endpoint", "Failed attempts", "Next attempt"], &open, "Every event was delivered.");
    let more = core.state.deliveries.open().saturating_sub(most);
    if more == 0 { table } else { format!("{table}<p>And {more} more.</p>") }
}

fn delivery(root: &State, open: &Open) -> Vec<String> {
    let state = root.of(open.account.as_deref());
    let endpoint = state.get(&open.endpoint).or_else(|| root.get(&open.endpoint));
    let url = endpoint.and_then(|stored| value::text(&stored.value, "url")).unwrap_or(&open.endpoint);
    let next = if open.in_flight { "under way".to_owned() } else { moment(open.due_ms) };
    vec![id(root, state, &open.event), escaped(url), open.attempts.to_string(), next]
}

fn endpoint(root: &State, state: &State, one: &Value) -> Vec<String> {
    let events = one["enabled_events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let events: Vec<&str> = events.iter().filter_map(Value::as_str).collect();
    let text = |field| escaped(value::text(one, field).unwrap_or_default());
    vec![id(root, state, value::id(one)), text("status"), text("url"), escaped(&events.join(", "))]
}
