//! What was asked, newest first.

use super::{
    Asked, Page, ROWS_MAX,
    table::{moment, older, table},
};
use crate::{
    core::{Core, Shared},
    journal::{JournalEntry, Ran},
    page::escaped,
};

pub(super) fn page(shared: &Shared, asked: &Asked) -> Page {
    let (rows, next) = rows(&shared.core(), asked.before(), ROWS_MAX);
    Page::new("Requests", rows + &older(next.map(|at| format!("/_sandbox/requests?before={at}"))))
}

/// The newest before this place in the journal, and the place of the last one shown if
/// there are more.
pub(super) fn rows(core: &Core, before: u64, most: usize) -> (String, Option<usize>) {
    let end = usize::try_from(before).unwrap_or(usize::MAX).min(core.journal.len());
    let begin = end.saturating_sub(most);
    let rows: Vec<Vec<String>> = core.journal.range(begin..end).rev().map(row).collect();
    let headings = ["Time", "Request", "Status", "Outcome", "Request id", "Idempotency key"];
    (table(&headings, &rows, "Nothing was asked since the start."), (begin > 0).then_some(begin))
}

fn row(entry: &JournalEntry) -> Vec<String> {
    let code = |text: &Option<String>| {
        text.as_deref().map_or_else(String::new, |text| format!("<code>{}</code>", escaped(text)))
    };
    let class = if (200..300).contains(&entry.status) { "good" } else { "bad" };
    let ran = match entry.ran {
        Ran::Executed => "executed",
        Ran::Replayed => "replayed",
        Ran::Refused => "refused",
    };
    let fault = entry.fault.as_deref().map(|f| format!("; fault: {}", escaped(f))).unwrap_or_default();
    let of = entry.account.as_deref().map(|a| format!(" of <code>{}</code>", escaped(a))).unwrap_or_default();
    let status = if entry.status == 0 { "reset".to_owned() } else { entry.status.to_string() };
    vec![
        moment(entry.at_ms),
        format!("<code>{} {}</code>{of}", escaped(&entry.method), escaped(&entry.path)),
        format!("<span class=\"{class}\">{status}</span>"),
        format!("{ran}{fault}"),
        code(&entry.request_id),
        code(&entry.key),
    ]
}
