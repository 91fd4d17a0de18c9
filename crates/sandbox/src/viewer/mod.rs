//! `/_sandbox/` in a browser: what there is, what was asked, what happened, what is on
//! its way; each page renews itself while somebody looks at it.
//!
//! It only looks: nothing can be changed here. What would surprise: beyond the loopback
//! it asks for the sandbox's secret key as the name of a basic sign-in, because a
//! browser has no other way to send one.

mod deliveries;
mod events;
mod json;
mod objects;
mod overview;
mod requests;
mod table;

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    core::Shared,
    page::{self, escaped},
    state::State,
    wire::{self, Incoming, Reply},
};

const SCRIPT: &str = include_str!("viewer.js");
const STYLE: &str = include_str!("viewer.css");

/// Its own script and no other, and only its own addresses.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const PAGES: &[(&str, &str)] = &[
    ("/_sandbox/", "Overview"),
    ("/_sandbox/objects", "Objects"),
    ("/_sandbox/requests", "Requests"),
    ("/_sandbox/events", "Events"),
    ("/_sandbox/deliveries", "Deliveries"),
];

/// The most rows of a page.
const ROWS_MAX: usize = 50;

/// Answers a request for one of its pages; none for any other.
pub(crate) fn handle(shared: &Shared, incoming: &Incoming) -> Option<Reply> {
    if incoming.method != "GET" {
        return None;
    }
    match incoming.path.as_str() {
        "/_sandbox/viewer.js" => return Some(asset("text/javascript; charset=utf-8", SCRIPT)),
        "/_sandbox/viewer.css" => return Some(asset("text/css; charset=utf-8", STYLE)),
        _ => {}
    }
    if !page::is_wanted(incoming) {
        return None;
    }
    let path = incoming.path.strip_prefix("/_sandbox")?.trim_matches('/');
    let steps: Vec<&str> = path.split('/').collect();
    let asked = Asked::new(incoming);
    let page: fn(&Shared, &Asked) -> Page = match steps.as_slice() {
        [""] => overview::page,
        ["objects"] => objects::kinds,
        ["objects", _] => objects::page,
        ["object", _] => objects::one,
        ["find"] => objects::find,
        ["requests"] => requests::page,
        ["events"] => events::page,
        ["deliveries"] => deliveries::page,
        _ => return None,
    };
    let asked = Asked { last: steps.last().copied().unwrap_or_default(), ..asked };
    if !may_look(shared, incoming) {
        return Some(sign_in());
    }
    Some(page(shared, &asked).reply(shared, &incoming.path))
}

fn may_look(shared: &Shared, incoming: &Incoming) -> bool {
    let core = shared.core();
    shared.loopback()
        || wire::authenticate(&incoming.heads, &core.state, shared.clock.now_ms())
            .is_ok_and(|caller| caller.is_owner())
}

fn sign_in() -> Reply {
    let text = "<h1>Sign in</h1><p>Give the sandbox's secret key, <code>sk_test_…</code>, as the user name and leave \
                the password empty.</p>";
    let mut reply = page::html(401, "Sign in", text);
    reply.headers.push(("www-authenticate", "Basic realm=\"sandbox\", charset=\"UTF-8\"".into()));
    reply
}

fn asset(kind: &str, text: &str) -> Reply {
    let headers = vec![("content-type", kind.to_owned()), ("x-content-type-options", "nosniff".to_owned())];
    Reply { status: 200, headers, body: text.to_owned() }
}

/// What a page was asked for.
struct Asked<'a> {
    /// The last step of the path.
    last: &'a str,
    query: serde_json::Map<String, Value>,
}

impl Asked<'_> {
    fn new(incoming: &Incoming) -> Self {
        Self { last: "", query: stripe::form::decode(incoming.query.as_bytes()).unwrap_or_default() }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Where the page before this one ended.
    fn before(&self) -> u64 {
        self.text("before").and_then(|text| text.parse().ok()).unwrap_or(u64::MAX)
    }

    /// The account that is looked at: the sandbox's own unless a connected one is named.
    fn state<'s>(&self, root: &'s State) -> &'s State {
        let named = self.text("account");
        root.accounts().find(|one| Some(one.account.as_str()) == named).unwrap_or(root)
    }

    /// The address of a page about the same account.
    fn link(&self, root: &State, path: &str) -> String {
        link(root, self.state(root), path)
    }
}

/// The address of a page about an account.
fn link(root: &State, state: &State, path: &str) -> String {
    if state.account == root.account {
        return path.to_owned();
    }
    let joint = if path.contains('?') { "&amp;" } else { "?" };
    format!("{path}{joint}account={}", escaped(&state.account))
}

/// A page; `main` is HTML already.
struct Page {
    status: u16,
    title: String,
    main: String,
    /// Goes elsewhere instead.
    to: Option<String>,
}

impl Page {
    fn new(title: impl Into<String>, main: String) -> Self {
        Self { status: 200, title: title.into(), main, to: None }
    }

    fn to(address: String) -> Self {
        Self { status: 303, title: String::new(), main: String::new(), to: Some(address) }
    }

    fn reply(self, shared: &Shared, path: &str) -> Reply {
        if let Some(to) = &self.to {
            return page::onward(to);
        }
        let mut nav = String::new();
        for (address, name) in PAGES {
            let here = if path.trim_end_matches('/') == address.trim_end_matches('/') {
                " aria-current=\"page\""
            } else {
                ""
            };
            let _ = write!(nav, "<a href=\"{address}\"{here}>{name}</a> ");
        }
        let account = escaped(&shared.core().state.account);
        let title = escaped(&self.title);
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} · {account}</title>\n\
             <link rel=\"stylesheet\" href=\"{}\">\n<link rel=\"stylesheet\" href=\"/_sandbox/viewer.css\">\n\
             <script src=\"/_sandbox/viewer.js\" defer></script>\n</head>\n<body class=\"viewer\">\n<header>\
             <p class=\"where\">Stripe stand-in <code>{account}</code></p><nav aria-label=\"Pages\">{nav}</nav>\
             <form action=\"/_sandbox/find\" role=\"search\"><label for=\"id\">Find by id</label>\
             <input type=\"text\" id=\"id\" name=\"id\" autocomplete=\"off\" spellcheck=\"false\"></form></header>\n\
             <main>\n<h1>{title}</h1>\n{}\n</main>\n</body>\n</html>\n",
            page::STYLE_PATH,
            self.main,
        );
        let headers = vec![
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("content-security-policy", POLICY.to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("referrer-policy", "same-origin".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ];
        Reply { status: self.status, headers, body }
    }
}
