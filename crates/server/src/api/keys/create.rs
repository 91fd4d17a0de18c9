//! `POST /keys`: makes an API key and shows its text, this once. A key grants no scope
//! that it lacks. One with the scope `installation` belongs to the caller's own company
//! and acts for whichever company its requests name.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use http::StatusCode;
use model::{Code, Failure, Timestamp};
use serde::Deserialize;
use serde_json::json;
use store::{Unit, Write};

use super::{SCOPES, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    auth::INSTALLATION,
    failure::Refused,
    issue::{NewKey, new_key},
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/keys", SCOPES, || post(create));

/// Most keys of a company.
const KEYS_MAX: usize = 1_000;
/// Longest name in bytes.
const NAME_MAX: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// What people call it; unique in its company.
    name: String,
    /// What it may do; at least one.
    scopes: Vec<String>,
    /// From when on it is refused.
    expires_at: Option<Timestamp>,
}

async fn create(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let name = request.name.trim();
    let scopes: Vec<&str> = request.scopes.iter().map(String::as_str).collect();
    check(&app, name, &scopes, request.expires_at)?;
    let installation = scopes.contains(&INSTALLATION);
    let company = if installation { actor.home } else { actor.company };
    let new = NewKey { name, scopes: &scopes, bound: !installation, expires_at: request.expires_at };
    let (key, text) = new_key(&app, company, &new)?;
    grantable(&actor, &scopes)?;
    room(&app, &key).await?;
    let details = json!({ "name": name, "scopes": scopes, "expiresAt": key.expires_at });
    let entry = audit::entry(&app, &actor, company, "key.created", &key.id.to_string(), &details);
    app.store.commit(Unit::interactive(vec![Write::PutApiKey(key.clone()), entry])).await?;
    let mut data = view(&key);
    data["key"] = json!(text);
    Ok(Answer::ok(data).status(StatusCode::CREATED))
}

fn check(app: &App, name: &str, scopes: &[&str], expires_at: Option<Timestamp>) -> Result<(), Refused> {
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(invalid("name", "A key needs a `name` of 1 to 100 bytes, such as `billing service`."));
    }
    if scopes.is_empty() {
        return Err(invalid("scopes", "A key without a scope can do nothing; `scopes` names at least one."));
    }
    match expires_at {
        Some(at) if at <= app.clock.now() => {
            Err(invalid("expiresAt", "`expiresAt` has passed already; it is a time to come, or left out."))
        }
        _ => Ok(()),
    }
}

/// Nobody gives what they have not.
fn grantable(actor: &Actor, scopes: &[&str]) -> Result<(), Refused> {
    let Some(beyond) = scopes.iter().find(|scope| !actor.may(scope)) else { return Ok(()) };
    let text = format!(
        "The API key {} lacks the scope `{beyond}` and cannot grant it. No key was made. Use a key that has it.",
        actor.key
    );
    Err(Failure::new(Code::Forbidden, text).at("scopes").with_details(json!({ "held": actor.scopes })).into())
}

async fn room(app: &App, new: &store::ApiKey) -> Result<(), Refused> {
    let all = app.store.api_keys(new.company).await?;
    let why = if all.iter().any(|key| key.name == new.name) {
        format!(
            "There is a key named `{}` already. No key was made. Choose another name, or revoke that one.",
            new.name
        )
    } else if all.len() >= KEYS_MAX {
        format!("The company has {KEYS_MAX} keys, the most there may be. No key was made. Revoke one first.")
    } else {
        return Ok(());
    };
    Err(Failure::new(Code::Conflict, why).at("name").into())
}

fn invalid(field: &str, why: &str) -> Refused {
    Failure::new(Code::ValidationError, format!("{why} No key was made.")).at(field).into()
}
