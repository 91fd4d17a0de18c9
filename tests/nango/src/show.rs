//! A connection as answers show it. Times end in `Z` when it was just made, and in
//! `+00:00` when it is read.

use model::Timestamp;
use serde_json::{Value, json};

use crate::state::Stored;

/// What of the credentials is shown.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Secrets {
    None,
    Access,
    WithRefresh,
}

/// The whole of it.
pub(crate) fn connection(of: &Stored, secrets: Secrets, made: bool) -> Value {
    let time = |at: Timestamp| if made { zulu(at) } else { offset(at) };
    let errors = match of.failed_at {
        Some(at) => json!([{ "type": "auth", "log_id": format!("{}_aaaaaaaa", at.as_millisecond()) }]),
        None => json!([]),
    };
    json!({
        "id": of.id,
        "connection_id": of.connection_id,
        "provider_config_key": of.integration,
        "provider": of.provider,
        "errors": errors,
        "end_user": of.end_user,
        "tags": of.tags,
        "metadata": of.metadata,
        "connection_config": of.config,
        "webhook_url_override": null,
        "created_at": time(of.created_at),
        "updated_at": time(of.updated_at),
        "last_fetched_at": of.fetched_at.map(time),
        "credentials": credentials(of, secrets),
    })
}

/// As a list has it: no credentials and no configuration.
pub(crate) fn item(of: &Stored) -> Value {
    json!({
        "id": of.id,
        "connection_id": of.connection_id,
        "provider_config_key": of.integration,
        "provider": of.provider,
        "errors": [],
        "end_user": of.end_user,
        "tags": of.tags,
        "metadata": of.metadata,
        "created": offset(of.created_at),
    })
}

fn credentials(of: &Stored, secrets: Secrets) -> Value {
    if secrets == Secrets::None || of.credentials["type"] == "NONE" {
        return json!({});
    }
    let mut shown = of.credentials.clone();
    if secrets == Secrets::Access {
        for object in ["", "/raw"] {
            if let Some(object) = shown.pointer_mut(object).and_then(Value::as_object_mut) {
                object.shift_remove("refresh_token");
            }
        }
    }
    shown
}

pub(crate) fn zulu(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn offset(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}
