//! The page on which somebody consents.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{
    Kind,
    asked::{Asked, Wrong},
    flat::Flat,
};
use crate::{
    core::Shared,
    page::{escaped, html},
    state::State,
    wire::{Incoming, Reply},
};

/// The most accounts that are offered.
const OFFERED_MAX: usize = 200;

/// Shows the page, or what is wrong with the link to it.
pub(super) fn show(shared: &Shared, kind: Kind, incoming: &Incoming) -> Reply {
    let core = shared.core();
    let form = match read(incoming.query.as_bytes()) {
        Ok(form) => form,
        Err(wrong) => return refused(&wrong),
    };
    match Asked::read(&core.state, kind, &form) {
        Ok(asked) => {
            let title = format!("Connect an account to {}", core.state.name);
            html(200, &title, &consent(&core.state, kind, &asked, &incoming.path))
        }
        Err(wrong) => refused(&wrong),
    }
}

/// The parameters of a link or of the page's form.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, Wrong> {
    stripe::form::decode(bytes).map_err(|why| Wrong {
        why: Flat::new("invalid_request", format!("Invalid request: {why}")),
        back: None,
    })
}

/// The page that says what is wrong.
pub(super) fn refused(wrong: &Wrong) -> Reply {
    let title = "This link cannot be used";
    let mut body = format!("<h1>{title}</h1>");
    let Flat { error, description, .. } = &wrong.why;
    let _ = write!(body, "<p>{}</p><p><code>{}</code></p>", escaped(description), escaped(error));
    if let Some(back) = &wrong.back {
        let host = back.host_str().unwrap_or_default();
        let _ = write!(body, "<p><a href=\"{}\">Back to {}</a></p>", escaped(back.as_str()), escaped(host));
    }
    html(400, title, &body)
}

fn consent(state: &State, kind: Kind, asked: &Asked, path: &str) -> String {
    let host = asked.redirect.host_str().unwrap_or_default();
    let mut page = format!(
        "<h1>Connect an account to {name}</h1>\
         <p>{what} <strong>{name}</strong> (<code>{client}</code>) asks for {scope}. \
         You go back to <code>{host}</code>.</p>",
        name = escaped(&state.name),
        what = if kind == Kind::App { "The app" } else { "The platform" },
        client = escaped(&asked.client_id),
        scope = meaning(asked.scope),
        host = escaped(host),
    );
    let _ = write!(page, "<form method=\"post\" action=\"{}\">", escaped(path));
    for (name, value) in [
        ("client_id", asked.client_id.as_str()),
        ("redirect_uri", asked.redirect_uri.as_str()),
        ("response_type", "code"),
        ("scope", asked.scope),
        ("state", asked.state.as_deref().unwrap_or_default()),
    ] {
        let _ = write!(page, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value));
    }
    accounts(&mut page, state, &asked.name);
    page.push_str(
        "<button class=\"go\" name=\"decision\" value=\"connect\">Connect</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
    );
    page
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        "read_only" => "<strong>read</strong> access (<code>read_only</code>)",
        "read_write" => "<strong>read and write</strong> access (<code>read_write</code>)",
        _ => "the permissions of its manifest (<code>stripe_apps</code>)",
    }
}

fn accounts(page: &mut String, state: &State, name: &str) {
    let _ = write!(
        page,
        "<fieldset><legend>Account</legend><label><input type=\"radio\" name=\"account\" value=\"new\" checked> \
         A new account</label><label class=\"field\">Name of the new account\
         <input type=\"text\" name=\"name\" maxlength=\"100\" autocomplete=\"organization\" value=\"{}\"></label>",
        escaped(name)
    );
    for account in state.accounts().take(OFFERED_MAX) {
        let _ = write!(
            page,
            "<label><input type=\"radio\" name=\"account\" value=\"{id}\"> {} <code>{id}</code></label>",
            escaped(&account.name),
            id = escaped(&account.account),
        );
    }
    page.push_str("</fieldset>");
}
