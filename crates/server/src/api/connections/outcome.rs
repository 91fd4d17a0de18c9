//! What somebody reads who came back from Stripe and is sent nowhere else: that it
//! worked, or what did not and what to do. No secret is on either page.

use std::fmt::Write as _;

use axum::response::Response;
use http::StatusCode;
use model::{Code, Failure, Mode};
use store::Connection;

use crate::{
    failure,
    page::{Page, escaped, sentence},
};

/// From `/api/v1/connections/callback`.
const ROOT: &str = "../../..";

pub(super) fn connected(row: &Connection) -> Response {
    let account = row.account.as_ref().map_or("", |account| account.as_str());
    let mode = match row.mode {
        Mode::Live => "live: real money",
        Mode::Test => "test: no real money",
        Mode::Local => "local: Bursar's own stand-in for Stripe",
    };
    let mut main = format!(
        "<h1 class=\"good\">The account is connected</h1><p>Bursar may now act for the Stripe account \
         <code>{}</code>.</p><dl>",
        escaped(account)
    );
    let access = row.scopes.join(", ");
    let facts =
        [("Connection", row.name.as_str()), ("Account", account), ("Mode", mode), ("Access", &access)];
    for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
        let _ = write!(main, "<dt>{name}</dt><dd>{}</dd>", escaped(text));
    }
    main.push_str("</dl><p>You can close this page.</p>");
    Page { root: ROOT, title: "Connected", wide: false, main: &main }.answer(StatusCode::OK)
}

/// The page has the status that the JSON would have.
pub(super) fn failed(failure: &Failure, request_id: &str) -> Response {
    let title = if failure.field.as_deref() == Some("state") {
        "This link cannot be used"
    } else if failure.code == Code::StoreUnavailable {
        "Bursar cannot answer at present"
    } else {
        "The account was not connected"
    };
    let code = failure.code;
    let main = format!(
        "<h1 class=\"bad\">{title}</h1><p role=\"alert\">{}</p><p><a href=\"{ROOT}/docs/errors/{code}\">What \
         <code>{code}</code> means</a></p><p class=\"aside\">Whoever sent you here may ask for this: request \
         <code>{}</code></p>",
        sentence(&failure.message),
        escaped(request_id),
    );
    Page { root: ROOT, title, wide: false, main: &main }.answer(failure::status(code))
}
