//! Reading, listing, changing and deleting connections. Queries are strict.

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    response::Response,
};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    answer::{Answered, Refused, json as answer, refuse_code, refuse_fields, refuse_with, wrong},
    auth::Caller,
    show::{self, Secrets},
    state::Nango,
};

const YES: [&str; 6] = ["true", "1", "yes", "on", "y", "enabled"];
const NO: [&str; 6] = ["false", "0", "no", "off", "n", "disabled"];
const LIMIT_MAX: usize = 2000;

/// A query, decoded.
struct Query(Vec<(String, String)>);

impl Query {
    fn read(raw: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What is wrong with a flag, if it is given.
    fn flag(&self, name: &str, errors: &mut Vec<Value>) -> bool {
        match self.get(name) {
            None => false,
            Some(value) if YES.contains(&value) => true,
            Some(value) if NO.contains(&value) => false,
            Some(_) => {
                let all: Vec<_> = YES.iter().chain(&NO).map(|word| format!("\"{word}\"")).collect();
                let message = format!("Invalid option: expected one of {}", all.join("|"));
                errors.push(wrong("invalid_value", &message, &[name]));
                false
            }
        }
    }

    fn unknown(&self, known: impl Fn(&str) -> bool, errors: &mut Vec<Value>) {
        for (name, _) in self.0.iter().filter(|(name, _)| !known(name)) {
            let message = format!("Unrecognized key: \"{name}\"");
            errors.push(wrong("unrecognized_keys", &message, &[]));
        }
    }
}

fn fits(errors: Vec<Value>) -> Result<(), Refused> {
    if errors.is_empty() { Ok(()) } else { Err(refuse_fields("invalid_query_params", errors)) }
}

/// The integration that a query names, if there is one of that name.
fn integration(nango: &Nango, query: &Query) -> Result<String, Refused> {
    let name = query.get("provider_config_key").unwrap_or_default();
    let known = nango.state().integration(name).is_some();
    let refused = || refuse_with(400, "unknown_provider_config", "Provider does not exists");
    if known { Ok(name.to_owned()) } else { Err(refused()) }
}

fn needs_integration(query: &Query, errors: &mut Vec<Value>) {
    if query.get("provider_config_key").is_none() {
        let message = "Invalid input: expected string, received undefined";
        errors.push(wrong("invalid_type", message, &["provider_config_key"]));
    }
}

/// `GET /connections/{id}`.
pub(crate) async fn read(
    State(nango): State<Nango>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answered {
    let (query, mut errors) = (Query::read(raw.as_deref()), Vec::new());
    needs_integration(&query, &mut errors);
    let force = query.flag("force_refresh", &mut errors);
    let with_refresh = query.flag("refresh_token", &mut errors);
    let known = ["provider_config_key", "force_refresh", "refresh_token"];
    query.unknown(|name| known.contains(&name), &mut errors);
    fits(errors)?;
    if force || with_refresh {
        caller.may_renew()?;
    }
    let integration = integration(&nango, &query)?;
    nango.renewed(&integration, &id, force).await?;
    let now = nango.now();
    if let Some(found) = nango.state().connection(&integration, &id) {
        found.fetched_at = Some(now);
    }
    let secrets = match (caller.credentials, with_refresh) {
        (false, _) => Secrets::None,
        (true, false) => Secrets::Access,
        (true, true) => Secrets::WithRefresh,
    };
    Ok(answer(200, &show::connection(&nango.find(&integration, &id)?, secrets, false)))
}

/// `GET /connections`, newest first.
pub(crate) async fn list(State(nango): State<Nango>, RawQuery(raw): RawQuery) -> Answered {
    let (query, mut errors) = (Query::read(raw.as_deref()), Vec::new());
    let known = ["connectionId", "integrationId", "search", "endUserId", "limit", "page"];
    query.unknown(|name| known.contains(&name) || tag(name).is_some(), &mut errors);
    let limit = number(&query, "limit", LIMIT_MAX * 5, &mut errors);
    if query.get("limit").is_some() && limit > LIMIT_MAX {
        let message = format!("Too big: expected number to be <={LIMIT_MAX}");
        errors.push(wrong("too_big", &message, &["limit"]));
    }
    let page = number(&query, "page", 0, &mut errors);
    fits(errors)?;
    let state = nango.state();
    let mut found: Vec<_> = state.connections.iter().filter(|c| is_listed(c, &query)).collect();
    found.sort_by_key(|c| std::cmp::Reverse((c.created_at, c.id)));
    let shown: Vec<_> = found.into_iter().skip(limit * page).take(limit).map(show::item).collect();
    Ok(answer(200, &json!({ "connections": shown })))
}

fn number(query: &Query, name: &str, otherwise: usize, errors: &mut Vec<Value>) -> usize {
    let given = query.get(name).map(str::parse::<usize>);
    given.unwrap_or(Ok(otherwise)).unwrap_or_else(|_| {
        errors.push(wrong("invalid_type", "Invalid input: expected number, received NaN", &[name]));
        otherwise
    })
}

/// The name in `tags[name]`.
fn tag(name: &str) -> Option<&str> {
    name.strip_prefix("tags[")?.strip_suffix(']')
}

fn is_listed(of: &crate::state::Stored, query: &Query) -> bool {
    query.0.iter().all(|(name, value)| match name.as_str() {
        "connectionId" => of.connection_id == *value,
        "integrationId" => value.split(',').any(|key| key == of.integration),
        "search" => of.connection_id.contains(value.as_str()),
        "endUserId" => of.end_user["id"] == **value,
        name => tag(name).is_none_or(|name| of.tags.get(name).is_some_and(|tag| tag == value)),
    })
}

/// `PATCH /connections/{id}`.
pub(crate) async fn change(
    State(nango): State<Nango>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    body: Bytes,
) -> Answered {
    let (query, mut errors) = (Query::read(raw.as_deref()), Vec::new());
    needs_integration(&query, &mut errors);
    fits(errors)?;
    let (integration, body) = (integration(&nango, &query)?, crate::importing::object(&body)?);
    nango.find(&integration, &id)?;
    if let Some(found) = nango.state().connection(&integration, &id) {
        if let Some(tags) = body["tags"].as_object() {
            found.tags.clone_from(tags);
        }
        if body["end_user"].is_object() {
            found.end_user = body["end_user"].clone();
        }
    }
    Ok(answer(200, &json!({ "success": true })))
}

/// `DELETE /connections/{id}`. Neither Stripe nor a webhook hears of it.
pub(crate) async fn delete(
    State(nango): State<Nango>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answered {
    let (query, mut errors) = (Query::read(raw.as_deref()), Vec::new());
    needs_integration(&query, &mut errors);
    fits(errors)?;
    let integration = integration(&nango, &query)?;
    let mut state = nango.state();
    let before = state.connections.len();
    state.connections.retain(|c| c.connection_id != id || c.integration != integration);
    if state.connections.len() == before {
        return Err(refuse_code(400, "unknown_connection"));
    }
    Ok(answer(200, &json!({ "success": true })))
}

/// `POST` and `PATCH /connections/metadata`: the one replaces, the other merges.
pub(crate) async fn metadata(State(nango): State<Nango>, method: http::Method, body: Bytes) -> Answered {
    let body = crate::importing::object(&body)?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (id, integration) = (text("connection_id"), text("provider_config_key"));
    nango.find(&integration, &id)?;
    let merges = method == http::Method::PATCH;
    if let Some(found) = nango.state().connection(&integration, &id) {
        match (found.metadata.as_object_mut(), body["metadata"].as_object()) {
            (Some(known), Some(more)) if merges => known.extend(more.clone()),
            _ => found.metadata = body["metadata"].clone(),
        }
    }
    let shown =
        json!({ "connection_id": id, "provider_config_key": integration, "metadata": body["metadata"] });
    let response: Response = answer(if merges { 200 } else { 201 }, &shown);
    Ok(response)
}
