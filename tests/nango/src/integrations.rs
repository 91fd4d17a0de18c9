//! Integrations, read for a check before the start. No provider of Stripe's has an
//! address for webhooks: events do not come through here.

use axum::extract::{Path, RawQuery, State};
use serde_json::{Value, json};

use crate::{
    answer::{Answered, json as answer, refuse_with},
    state::{Integration, Nango},
};

pub(crate) async fn list(State(nango): State<Nango>) -> Answered {
    let all: Vec<Value> = nango.state().integrations.iter().map(shown).collect();
    Ok(answer(200, &json!({ "data": all })))
}

pub(crate) async fn read(
    State(nango): State<Nango>,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answered {
    let found = nango.state().integration(&key).cloned();
    let found = found.ok_or_else(|| refuse_with(404, "not_found", "Integration does not exist"))?;
    let mut data = shown(&found);
    for (name, value) in url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
        match (name.as_ref(), value.as_ref()) {
            ("include", "webhook") => data["webhook_url"] = Value::Null,
            ("include", "credentials") => {
                data["credentials"] = json!({
                    "type": found.auth_mode(),
                    "client_id": found.client_id,
                    "client_secret": "sk_test_platform_fake",
                    "scopes": found.scopes,
                });
            }
            _ => {}
        }
    }
    Ok(answer(200, &json!({ "data": data })))
}

fn shown(of: &Integration) -> Value {
    json!({
        "unique_key": of.key,
        "provider": of.provider,
        "display_name": of.key,
        "forward_webhooks": true,
    })
}
