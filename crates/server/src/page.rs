//! Pages, for people who come with a browser and without a key: who was sent back from
//! Stripe, and who follows the link of an error. Plain HTML that works without scripts.
//!
//! What would surprise: links are relative, because a proxy may serve us below a path of
//! its own. `finish` adds the headers that browsers obey.

use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};

/// Below the root. Everything below `/docs/` may be kept by browsers.
pub(crate) const STYLE_PATH: &str = "/docs/page.css";

/// Every color on its background has a contrast of at least 4.5 to 1.
const STYLE: &str = include_str!("page.css");

/// A page.
pub(crate) struct Page<'a> {
    /// The way to the root from where the page is: `../..`.
    pub(crate) root: &'static str,
    /// Text.
    pub(crate) title: &'a str,
    /// Room for text that has lines of its own.
    pub(crate) wide: bool,
    /// HTML already.
    pub(crate) main: &'a str,
}

impl Page<'_> {
    /// The page with this status.
    pub(crate) fn answer(&self, status: StatusCode) -> Response {
        let Self { root, title, wide, main } = self;
        let class = if *wide { " class=\"wide\"" } else { "" };
        let style = STYLE_PATH;
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – Bursar</title>\n\
             <link rel=\"stylesheet\" href=\"{root}{style}\">\n</head>\n<body>\n<main{class}>\n\
             <p class=\"where\">Bursar</p>\n{main}\n</main>\n</body>\n</html>\n",
            title = escaped(title),
        );
        (status, Html(html)).into_response()
    }
}

/// `GET /docs/page.css`: what the pages look like.
pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// Whether somebody asks with a browser.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
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

/// A sentence of ours as HTML: what stands in backticks is code.
pub(crate) fn sentence(text: &str) -> String {
    let parts: Vec<String> = text.split('`').map(escaped).collect();
    // An odd backtick encloses nothing.
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(n, part): (usize, String)| if n % 2 == 1 { format!("<code>{part}</code>") } else { part };
    parts.into_iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_is_code_and_nothing_is_html() {
        assert_eq!(sentence("The `<b>` & \"x\"."), "The <code>&lt;b&gt;</code> &amp; &quot;x&quot;.");
        assert_eq!(sentence("an odd ` one"), "an odd ` one");
        assert_eq!(sentence(""), "");
    }
}
