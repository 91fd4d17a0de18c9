//! Codes and refresh tokens for tokens (Stripe's API, OAuth A and B).
//!
//! What would surprise: a code that comes a second time ends what the first one gave.
//! A refresh token of an app that comes a second time only is refused; what it gave
//! lives on, as the access token from before does to its own end.

use serde_json::{Map, Value, json};

use super::{
    Change, Grant, Kind, Status, TOKEN_PREFIX, Token, application,
    flat::{Flat, invalid_grant},
};
use crate::state::{State, Tx};

/// How long a code may be exchanged.
const CODE_MS: i64 = 5 * 60 * 1000;
/// How long an app's access token lives.
const ACCESS_MS: i64 = 60 * 60 * 1000;
/// How long an app's refresh token lives.
const REFRESH_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// What is to be handed out.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) grant: Grant,
    scope: String,
    /// The refresh token that was given.
    given: Option<Token>,
}

/// Why nothing is.
#[derive(Debug)]
pub(super) enum Denied {
    Plain(Flat),
    /// The code was used before; this is what it gave.
    Reused(Grant),
}

impl From<Flat> for Denied {
    fn from(flat: Flat) -> Self {
        Self::Plain(flat)
    }
}

/// Looks at what is given. Changes nothing.
pub(super) fn plan(
    state: &State,
    kind: Kind,
    form: &Map<String, Value>,
    now_ms: i64,
) -> Result<Plan, Denied> {
    match text(form, "grant_type") {
        Some("authorization_code") => of_code(state, kind, form, now_ms),
        Some("refresh_token") => Ok(of_refresh(state, kind, form, now_ms)?),
        Some(_) => {
            let why = "grant_type must be authorization_code or refresh_token.";
            Err(Flat::new("unsupported_grant_type", why).into())
        }
        None => Err(Flat::new("invalid_request", "No grant_type was given.").into()),
    }
}

pub(super) fn text<'a>(form: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    form.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn of_code(state: &State, kind: Kind, form: &Map<String, Value>, now_ms: i64) -> Result<Plan, Denied> {
    let code = text(form, "code").ok_or_else(|| Flat::new("invalid_request", "No code was given."))?;
    let grant = state.oauth.grant(code).filter(|grant| grant.kind == kind);
    let grant = grant.ok_or_else(|| invalid_grant("This authorization code does not exist."))?.clone();
    match grant.status {
        Status::Offered if now_ms - grant.at_ms < CODE_MS => {
            Ok(Plan { scope: grant.scope.clone(), grant, given: None })
        }
        Status::Offered => Err(invalid_grant("This authorization code has expired.").into()),
        Status::Active | Status::Revoked => Err(Denied::Reused(grant)),
    }
}

/// The error for a code that was used before.
pub(super) fn reused() -> Flat {
    invalid_grant(
        "This authorization code has already been used. All tokens issued with this code have been revoked.",
    )
}

fn of_refresh(state: &State, kind: Kind, form: &Map<String, Value>, now_ms: i64) -> Result<Plan, Flat> {
    let none = || Flat::new("invalid_request", "No refresh_token was given.");
    let found = state.oauth.refresh(text(form, "refresh_token").ok_or_else(none)?);
    let found = found.filter(|(_, grant)| grant.kind == kind && grant.status == Status::Active);
    let (token, grant) =
        found.ok_or_else(|| invalid_grant("This refresh token does not exist, was used, or was revoked."))?;
    if token.expires_ms.is_some_and(|end| now_ms >= end) {
        return Err(invalid_grant("This refresh token has expired."));
    }
    let scope = narrowed(&token.scope, text(form, "scope").filter(|_| kind == Kind::Connect))?;
    Ok(Plan { grant: grant.clone(), scope, given: Some(token.clone()) })
}

/// The scope asked for, which must not be wider than what was granted.
fn narrowed(granted: &str, asked: Option<&str>) -> Result<String, Flat> {
    match asked.unwrap_or(granted) {
        asked if asked == granted || asked == "read_only" => Ok(asked.to_owned()),
        _ => Err(Flat::new("invalid_scope", format!("The scope may not go beyond {granted}."))),
    }
}

/// Makes the tokens, on the account of the grant. Returns the answer and what has to be
/// recorded for it.
pub(super) fn issue(tx: &mut Tx, plan: Plan, now_ms: i64) -> (Value, Change) {
    let Plan { grant, scope, given } = plan;
    let is_app = grant.kind == Kind::App;
    let lives = |ms: i64| is_app.then(|| now_ms.saturating_add(ms));
    let access_text = format!("{TOKEN_PREFIX}{}", tx.ids().text(64));
    let access = Token { text: access_text, scope: scope.clone(), expires_ms: lives(ACCESS_MS) };
    // An app's refresh token is used up by its exchange; Connect's goes on.
    let (used, kept) = match given {
        Some(token) if is_app => (Some(token.text), None),
        other => (None, other),
    };
    let fresh = kept.is_none().then(|| {
        let text = format!("rt_{}", tx.ids().text(48));
        Token { text, scope: grant.scope.clone(), expires_ms: lives(REFRESH_MS) }
    });
    let refresh = kept.as_ref().or(fresh.as_ref()).map(|token| token.text.clone());
    if !tx.root().oauth.is_active(&grant.account, grant.kind, &[]) {
        let application = application(tx.root(), grant.kind);
        tx.emit("account.application.authorized", &application);
    }
    let answer = json!({
        "access_token": access.text,
        "livemode": false,
        "refresh_token": refresh,
        "token_type": "bearer",
        "stripe_publishable_key": tx.state().publishable_key,
        "stripe_user_id": grant.account,
        "scope": scope,
    });
    (answer, Change::Issued { grant: grant.code, used, access, refresh: fresh })
}
