//! Keys and the limit, before any route.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, header};
use serde_json::json;

use crate::{
    answer::{Refused, refuse, refuse_with},
    state::Nango,
};

/// Whether the key may read credentials; what a handler gets to know of it.
#[derive(Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) credentials: bool,
}

impl Caller {
    /// Refuses what only a key with credentials may ask.
    pub(crate) fn may_renew(self) -> Result<(), Refused> {
        const WHY: &str =
            "Credential and refresh options require the environment:connections:read_credentials scope";
        if self.credentials { Ok(()) } else { Err(refuse_with(403, "forbidden", WHY)) }
    }
}

/// Lets a request with a good key through, as long as the minute has room.
pub(crate) async fn keyed(
    State(nango): State<Nango>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let caller = caller(&nango, given)?;
    let path = request.uri().path().to_owned();
    let left = room(&nango, request.method().as_str(), &path)?;
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(left));
    Ok(response)
}

fn caller(nango: &Nango, given: Option<&str>) -> Result<Caller, Refused> {
    let refuse = |code: &str, why: &str| {
        let message = format!("Authentication failed. {why}");
        refuse(401, &json!({ "message": message, "code": code, "payload": {} }))
    };
    let given = given
        .ok_or_else(|| refuse("missing_auth_header", "The request is missing the Authorization header."))?;
    let key = given
        .strip_prefix("Bearer ")
        .ok_or_else(|| refuse("malformed_auth_header", "The Authorization header is malformed."))?;
    let v4 = uuid::Uuid::parse_str(key).is_ok_and(|uuid| uuid.get_version_num() == 4);
    if !v4 {
        return Err(refuse("invalid_secret_key_format", "The provided secret key is not a UUID v4."));
    }
    let credentials = nango.state().keys.get(key).copied();
    let why = "The provided authorization header does not match any account.";
    Ok(Caller { credentials: credentials.ok_or_else(|| refuse("unknown_account", why))? })
}

/// Counts the request; how many the minute has left.
fn room(nango: &Nango, method: &str, path: &str) -> Result<u32, Refused> {
    let now = nango.now().as_second();
    let mut state = nango.state();
    let minute = now.div_euclid(60);
    if state.counted.0 != minute {
        state.counted = (minute, 0);
    }
    state.requests.push(format!("{method} {path}"));
    if state.counted.1 >= state.limit {
        let body = json!({ "code": "too_many_request", "method": method, "path": path });
        let mut refused = refuse(429, &body);
        let after = 60 - now.rem_euclid(60);
        refused.0.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after));
        refused.0.headers_mut().insert("x-ratelimit-limit", HeaderValue::from(state.limit));
        refused.0.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(0));
        refused.0.headers_mut().insert("x-ratelimit-reset", HeaderValue::from((minute + 1) * 60));
        return Err(refused);
    }
    state.counted.1 += 1;
    Ok(state.limit - state.counted.1)
}
