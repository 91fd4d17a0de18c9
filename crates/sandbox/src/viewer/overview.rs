//! The first page: how to reach the sandbox, and what happened last.

use super::{Asked, Page, deliveries, events, requests};
use crate::{core::Shared, page::escaped, viewer::table::moment};

/// How much of each list.
const FEW: usize = 8;

pub(super) fn page(shared: &Shared, asked: &Asked) -> Page {
    let core = shared.core();
    let state = &core.state;
    let facts = format!(
        "<dl><dt>Address</dt><dd><code>{}</code></dd><dt>Secret key</dt><dd><code>{}</code></dd>\
         <dt>API version</dt><dd><code>{}</code></dd><dt>Clock</dt><dd>{}</dd><dt>Faults armed</dt><dd>{}</dd></dl>",
        escaped(shared.base()),
        escaped(&state.secret_key),
        state.api_version().as_str(),
        moment(shared.clock.now_ms()),
        core.faults.len(),
    );
    let sections = [
        ("Requests", "/_sandbox/requests", requests::rows(&core, u64::MAX, FEW).0),
        ("Events", "/_sandbox/events", events::rows(&core, asked, FEW).0),
        ("Open deliveries", "/_sandbox/deliveries", deliveries::rows(&core, FEW)),
    ];
    let lists = sections.map(|(name, all, rows)| format!("<h2><a href=\"{all}\">{name}</a></h2>{rows}"));
    Page::new("Overview", facts + &lists.concat())
}
