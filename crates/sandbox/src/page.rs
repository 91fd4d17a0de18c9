//! What every page of the sandbox looks like: plain HTML that works without scripts, and
//! headers that let nothing in from elsewhere.
//!
//! What would surprise: browsers hold the redirect after a form against `form-action`, so
//! that has to allow wherever people are sent back to.

use crate::wire::{Incoming, Reply};

pub(crate) const STYLE_PATH: &str = "/_sandbox/page.css";

/// Nothing from elsewhere, no scripts, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self' http: https:; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Every color on its background has a contrast of at least 4.5 to 1.
const STYLE: &str = include_str!("page.css");

/// A page. `main` is HTML already; the title is text.
pub(crate) fn html(status: u16, title: &str, main: &str) -> Reply {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n<body>\n<main>\n\
         <p class=\"where\">Stripe stand-in, test mode</p>\n{main}\n</main>\n</body>\n</html>\n",
        title = escaped(title),
    );
    let headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", POLICY.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("referrer-policy", "same-origin".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Reply { status, headers, body }
}

/// Sends whoever sent a form on.
pub(crate) fn onward(location: &str) -> Reply {
    let headers = vec![
        ("location", location.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("referrer-policy", "same-origin".to_owned()),
    ];
    Reply { status: 303, headers, body: String::new() }
}

/// What the pages look like.
pub(crate) fn style() -> Reply {
    let headers = vec![
        ("content-type", "text/css; charset=utf-8".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Reply { status: 200, headers, body: STYLE.to_owned() }
}

/// Whether somebody comes with a browser: it asks for a page, or sends a page's form.
pub(crate) fn is_wanted(incoming: &Incoming) -> bool {
    let has = |head: &Option<String>, what| head.as_deref().is_some_and(|text| text.contains(what));
    match incoming.method.as_str() {
        "GET" => has(&incoming.heads.accept, "text/html"),
        "POST" => has(&incoming.heads.content_type, "application/x-www-form-urlencoded"),
        _ => false,
    }
}

/// Text as it may stand in HTML, in attributes too.
pub(crate) fn escaped(text: &str) -> String {
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
