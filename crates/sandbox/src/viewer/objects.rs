//! The objects: by type, one by one, and found by their ids.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    Asked, Page, ROWS_MAX, events, json, link,
    table::{amount, created, id, older, table, words},
};
use crate::{core::Shared, page::escaped, state::State, value};

/// How many of the latest events are looked through for those about an object.
const EVENTS_READ: usize = 2_000;

/// Which types there are, and the accounts that have objects.
pub(super) fn kinds(shared: &Shared, asked: &Asked) -> Page {
    let core = shared.core();
    let (root, state) = (&core.state, asked.state(&core.state));
    let kinds = state.index().kinds();
    let rows: Vec<Vec<String>> = kinds
        .iter()
        .map(|(kind, count)| {
            let address = link(root, state, &format!("/_sandbox/objects/{}", escaped(kind)));
            vec![format!("<a href=\"{address}\">{}</a>", escaped(kind)), count.to_string()]
        })
        .collect();
    let types = table(&["Type", "How many"], &rows, "There is nothing yet.");
    Page::new("Objects", types + &accounts(root, state))
}

fn accounts(root: &State, here: &State) -> String {
    if root.accounts().next().is_none() {
        return String::new();
    }
    let mut list = String::from("<h2>Accounts</h2><ul>");
    for one in std::iter::once(root).chain(root.accounts()) {
        let current = if one.account == here.account { " aria-current=\"true\"" } else { "" };
        let address = link(root, one, "/_sandbox/objects");
        let (account, name) = (escaped(&one.account), escaped(&one.name));
        let _ = write!(list, "<li><a href=\"{address}\"{current}><code>{account}</code></a> {name}</li>");
    }
    list.push_str("</ul>");
    list
}

/// The objects of a type, newest first.
pub(super) fn page(shared: &Shared, asked: &Asked) -> Page {
    let core = shared.core();
    let (root, state) = (&core.state, asked.state(&core.state));
    let mut places = state.index().places(asked.last, None).range(..asked.before()).rev();
    let shown: Vec<(&u64, &String)> = places.by_ref().take(ROWS_MAX).collect();
    let next = shown.last().filter(|_| places.next().is_some()).map(|(at, _)| **at);
    let rows: Vec<Vec<String>> = shown
        .iter()
        .filter_map(|(_, id)| state.get(id))
        .map(|stored| {
            let object = &stored.value;
            let status = escaped(value::text(object, "status").unwrap_or_default());
            vec![id(root, state, value::id(object)), status, amount(object), words(object), created(object)]
        })
        .collect();
    let kind = escaped(asked.last);
    let next = next.map(|at| link(root, state, &format!("/_sandbox/objects/{kind}?before={at}")));
    let none = "There is no object of this type.";
    let list = table(&["Id", "Status", "Amount", "", "Created"], &rows, none);
    Page::new(asked.last, list + &older(next))
}

/// One object as the API shows it, and the events about it.
pub(super) fn one(shared: &Shared, asked: &Asked) -> Page {
    let Some(object) = crate::control::shown(shared, asked.last) else { return missing(asked.last) };
    let core = shared.core();
    let root = &core.state;
    let state = root.of(root.holder(asked.last));
    let about = |event: &&Value| event.pointer("/data/object/id").and_then(Value::as_str) == Some(asked.last);
    let rows: Vec<Vec<String>> = state
        .of_kind("event")
        .rev()
        .take(EVENTS_READ)
        .filter(about)
        .take(ROWS_MAX)
        .map(|event| events::row(root, state, event))
        .collect();
    let own_page = |text: &str| text.starts_with(shared.base()).then(|| page_link(text));
    let known = |text: &str| state.get(text).is_some().then(|| id(root, state, text));
    let body = json::html(&object, &|text| known(text).or_else(|| own_page(text)));
    let happened = if rows.is_empty() {
        String::new()
    } else {
        format!("<h2>What happened to it</h2>{}", events::listed(&rows))
    };
    Page::new(asked.last, format!("<pre tabindex=\"0\">{body}</pre>{happened}"))
}

/// A page of the sandbox's own that an object names: the hosted invoice, say.
fn page_link(url: &str) -> String {
    let url = escaped(url);
    format!("<a href=\"{url}\">{url}</a>")
}

/// To the object of an id.
pub(super) fn find(shared: &Shared, asked: &Asked) -> Page {
    let wanted = asked.text("id").unwrap_or_default().trim();
    match crate::control::shown(shared, wanted) {
        Some(object) => Page::to(format!("/_sandbox/object/{}", value::id(&object))),
        None => missing(wanted),
    }
}

fn missing(id: &str) -> Page {
    let id: String = id.chars().take(100).collect();
    let main = format!(
        "<p>There is no object <code>{}</code>. It may have been deleted, or the sandbox was reset since.</p>",
        escaped(&id)
    );
    Page { status: 404, ..Page::new("Not found", main) }
}
