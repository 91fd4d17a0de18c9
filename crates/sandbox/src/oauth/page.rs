//! The page on which somebody consents: plain HTML that works without scripts.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{
    Kind,
    asked::{Asked, Wrong},
    flat::Flat,
};
use crate::{
    core::Shared,
    state::State,
    wire::{Incoming, Reply},
};

pub(super) const STYLE_PATH: &str = "/oauth/style.css";

/// Nothing from elsewhere, no scripts, in nobody's frame. Browsers hold the redirect
/// after a form against `form-action`, so that has to allow where clients are.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self' http: https:; \
                      frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1f2733}\n\
main{max-width:34rem;margin:3rem auto;padding:2rem;background:#fff;border:1px solid #d6dae1;border-radius:8px}\n\
h1{font-size:1.4rem;margin-top:0}\ncode{overflow-wrap:anywhere}\nfieldset{border:1px solid #d6dae1;border-radius:6px}\n\
label{display:block;padding:.3rem 0}\nbutton{font:inherit;padding:.5rem 1.2rem;margin:1rem .6rem 0 0;cursor:pointer}\n\
.go{background:#3b4cca;color:#fff;border:1px solid #3b4cca;border-radius:6px}\n.where{color:#5b6675}\n";

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
        Ok(asked) => html(200, &consent(&core.state, kind, &asked, &incoming.path)),
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
    let mut body = String::from("<h1>This link cannot be used</h1>");
    let Flat { error, description, .. } = &wrong.why;
    let _ = write!(body, "<p>{}</p><p><code>{}</code></p>", escaped(description), escaped(error));
    if let Some(back) = &wrong.back {
        let host = back.host_str().unwrap_or_default();
        let _ = write!(body, "<p><a href=\"{}\">Back to {}</a></p>", escaped(back.as_str()), escaped(host));
    }
    html(400, &body)
}

fn consent(state: &State, kind: Kind, asked: &Asked, path: &str) -> String {
    let host = asked.redirect.host_str().unwrap_or_default();
    let mut page = format!(
        "<p class=\"where\">Stripe stand-in, test mode</p><h1>Connect an account to {name}</h1>\
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
         A new account</label><label>Its name <input name=\"name\" maxlength=\"100\" value=\"{}\"></label>",
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

fn html(status: u16, main: &str) -> Reply {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Connect an account</title>\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\"></head><body><main>{main}</main></body></html>\n"
    );
    let headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", POLICY.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Reply { status, headers, body }
}

pub(super) fn style() -> Reply {
    let headers = vec![("content-type", "text/css; charset=utf-8".to_owned())];
    Reply { status: 200, headers, body: STYLE.to_owned() }
}

/// Text as it may stand in HTML, in attributes too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
