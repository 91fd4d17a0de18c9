//! The page that a session's link opens: what may be connected, and how. Nango's own is
//! an application of its own; this one only leads to the same routes.

use std::fmt::Write as _;

use axum::{
    extract::{RawQuery, State},
    response::Html,
};

use crate::{
    answer::{Refused, refuse_code},
    oauth::query,
    state::Nango,
};

/// `GET /?session_token=…`.
pub(crate) async fn connect(
    State(nango): State<Nango>,
    RawQuery(raw): RawQuery,
) -> Result<Html<String>, Refused> {
    let token = query(raw.as_deref()).remove("session_token").unwrap_or_default();
    let all: Vec<_> = nango.state().integrations.iter().map(|of| (of.key.clone(), of.auth_mode())).collect();
    let allowed = all.into_iter().filter(|(key, _)| nango.session(&token, key).is_ok());
    let mut page = String::from("<!doctype html><title>Stand-in</title><h1>Connect</h1>");
    let mut any = false;
    for (key, mode) in allowed {
        any = true;
        let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let query = format!("connect_session_token={token}");
        let _ = match mode {
            "OAUTH2" => write!(page, "<p><a href=\"/oauth/connect/{key}?{query}\">{key}</a></p>"),
            _ => write!(
                page,
                "<form method=\"post\" action=\"/api-auth/basic/{key}?{query}\"><label>{key} <input \
                 name=\"username\" type=\"password\" autocomplete=\"off\"></label><input type=\"hidden\" \
                 name=\"password\" value=\"\"><button>Connect</button></form>"
            ),
        };
    }
    if any { Ok(Html(page)) } else { Err(refuse_code(401, "invalid_connect_session_token")) }
}
