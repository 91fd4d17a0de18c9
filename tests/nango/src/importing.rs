//! `POST /connections`: a connection whose credentials somebody brings. The same id
//! again overrides it, and replaces its configuration.

use std::sync::Arc;

use axum::extract::State;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answered, Refused, json as answer, refuse_fields, refuse_with, wrong},
    show::{self, Secrets},
    state::{Nango, Stored},
};

const FIELDS: [&str; 9] = [
    "provider_config_key",
    "connection_id",
    "credentials",
    "connection_config",
    "metadata",
    "tags",
    "end_user",
    "webhook_url_override",
    "organization",
];

/// A body that is an object.
pub(crate) fn object(body: &[u8]) -> Result<Value, Refused> {
    let read: Value = serde_json::from_slice(body).map_err(|_| {
        let why = "Expected property name or '}' in JSON at position 1 (line 1 column 2)";
        refuse_with(400, "invalid_json", why)
    })?;
    if read.is_object() { Ok(read) } else { Err(refuse_with(400, "invalid_body", "Expected an object")) }
}

pub(crate) async fn import(State(nango): State<Nango>, body: Bytes) -> Answered {
    let body = object(&body)?;
    let unknown = body.as_object().into_iter().flatten().find(|(name, _)| !FIELDS.contains(&name.as_str()));
    if let Some((name, _)) = unknown {
        let message = format!("Unrecognized key: \"{name}\"");
        return Err(refuse_fields("invalid_body", vec![wrong("unrecognized_keys", &message, &[])]));
    }
    let key = body["provider_config_key"].as_str().unwrap_or_default();
    let integration = nango.state().integration(key).cloned();
    let integration =
        integration.ok_or_else(|| refuse_with(400, "unknown_provider_config", "Provider does not exists"))?;
    let kind = body["credentials"]["type"].as_str().unwrap_or_default();
    if kind != integration.auth_mode() {
        let message = format!("Provider {} does not support {kind} auth", integration.auth_mode());
        return Err(refuse_with(400, "invalid_body", &message));
    }
    let id = body["connection_id"].as_str().map_or_else(|| nango.uuid(), str::to_owned);
    let new = New {
        integration: key.to_owned(),
        id,
        tags: tags(&body),
        end_user: end_user(&body["end_user"]),
        credentials: kept(&body["credentials"]),
        config: or_empty(&body["connection_config"]),
        metadata: or_empty(&body["metadata"]),
    };
    let stored = nango.put(new);
    Ok(answer(201, &show::connection(&stored, Secrets::WithRefresh, true)))
}

/// A connection that is to be made, or overridden.
pub(crate) struct New {
    pub(crate) integration: String,
    pub(crate) id: String,
    pub(crate) tags: Map<String, Value>,
    pub(crate) end_user: Value,
    pub(crate) credentials: Value,
    pub(crate) config: Value,
    pub(crate) metadata: Value,
}

impl Nango {
    /// Makes or overrides a connection, and tells it.
    pub(crate) fn put(&self, new: New) -> Stored {
        let now = self.now();
        let (stored, operation) = {
            let mut state = self.state();
            let provider = state.integration(&new.integration).map(|i| i.provider.clone());
            state.last_id += 1;
            let fresh = state.last_id;
            let known = state.connection(&new.integration, &new.id).cloned();
            let operation = if known.is_some() { "override" } else { "creation" };
            let stored = Stored {
                id: known.as_ref().map_or(fresh, |known| known.id),
                connection_id: new.id,
                integration: new.integration,
                provider: provider.unwrap_or_default(),
                tags: new.tags,
                end_user: new.end_user,
                metadata: new.metadata,
                config: new.config,
                credentials: new.credentials,
                created_at: known.as_ref().map_or(now, |known| known.created_at),
                updated_at: now,
                fetched_at: known.as_ref().map_or(Some(now), |known| known.fetched_at),
                failed_at: None,
                failed_days: Vec::new(),
                turn: Arc::default(),
                renewals: 0,
            };
            let (id, of) = (stored.connection_id.clone(), stored.integration.clone());
            state.connections.retain(|c| c.connection_id != id || c.integration != of);
            state.connections.push(stored.clone());
            (stored, operation)
        };
        self.tell(&stored, operation, None);
        stored
    }
}

/// An imported token's `raw` is just what was imported.
fn kept(given: &Value) -> Value {
    let mut kept = given.clone();
    if let Some(at) = given["expires_at"].as_str().and_then(|at| at.parse().ok()) {
        kept["expires_at"] = show::zulu(at).into();
    }
    if given["type"] == "OAUTH2" {
        kept["raw"] = kept.clone();
    }
    kept
}

/// The tags, and those that an end user stands for.
pub(crate) fn tags(body: &Value) -> Map<String, Value> {
    let mut tags = body["tags"].as_object().cloned().unwrap_or_default();
    for (tag, field) in
        [("end_user_id", "id"), ("end_user_email", "email"), ("end_user_display_name", "display_name")]
    {
        if let Some(value) = body["end_user"][field].as_str() {
            tags.insert(tag.to_owned(), value.into());
        }
    }
    if let Some(id) = body["organization"]["id"].as_str() {
        tags.insert("organization_id".to_owned(), id.into());
    }
    tags
}

pub(crate) fn end_user(given: &Value) -> Value {
    if given.is_null() {
        return Value::Null;
    }
    json!({
        "id": given["id"],
        "display_name": given["display_name"],
        "email": given["email"],
        "tags": null,
        "organization": null,
    })
}

fn or_empty(given: &Value) -> Value {
    if given.is_object() { given.clone() } else { json!({}) }
}
