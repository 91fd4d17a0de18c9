//! Connect sessions: half an hour in which somebody may connect, more than once.

use std::{collections::HashMap, time::Duration};

use axum::extract::State;
use bytes::Bytes;
use model::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::{Answered, Refused, json as answer, refuse_code, refuse_fields, refuse_with, wrong},
    importing::{end_user, object, tags},
    show,
    state::{Nango, Session},
};

const LIFE: Duration = Duration::from_secs(30 * 60);

/// `POST /connect/sessions`.
pub(crate) async fn create(State(nango): State<Nango>, body: Bytes) -> Answered {
    let body = object(&body)?;
    if !body["tags"].is_object() && !body["end_user"].is_object() {
        let message = "Invalid input: expected object, received undefined";
        return Err(refuse_fields("invalid_body", vec![wrong("invalid_type", message, &["end_user"])]));
    }
    let allowed: Option<Vec<String>> = body["allowed_integrations"]
        .as_array()
        .map(|all| all.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect());
    for (nth, key) in allowed.iter().flatten().enumerate() {
        if nango.state().integration(key).is_none() {
            let path = ["allowed_integrations", &nth.to_string()];
            let error = wrong("custom", "Integration does not exist", &path);
            return Err(refuse_fields("invalid_body", vec![error]));
        }
    }
    let scopes: HashMap<String, String> = body["integrations_config_defaults"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, of)| Some((key.clone(), of["user_scopes"].as_str()?.to_owned())))
        .collect();
    let (tags, end_user) = (tags(&body), end_user(&body["end_user"]));
    let session = Session { tags, end_user, allowed, scopes, of: None, ends: ends(&nango) };
    Ok(made(&nango, session))
}

/// `POST /connect/sessions/reconnect`.
pub(crate) async fn reconnect(State(nango): State<Nango>, body: Bytes) -> Answered {
    let body = object(&body)?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (id, integration) = (text("connection_id"), text("integration_id"));
    let found = nango.state().connection(&integration, &id).cloned();
    let found = found
        .ok_or_else(|| refuse_with(400, "invalid_body", "ConnectionID or IntegrationId does not exists"))?;
    let session = Session {
        tags: found.tags,
        end_user: found.end_user,
        allowed: Some(vec![integration.clone()]),
        scopes: HashMap::new(),
        of: Some((integration, id)),
        ends: ends(&nango),
    };
    Ok(made(&nango, session))
}

fn ends(nango: &Nango) -> Timestamp {
    nango.now().checked_add(LIFE).unwrap_or(Timestamp::MAX)
}

fn made(nango: &Nango, session: Session) -> axum::response::Response {
    let token = format!("nango_connect_session_{}", nango.uuid().replace('-', ""));
    let mut link = nango.inner.public_url.clone();
    link.query_pairs_mut().append_pair("session_token", &token);
    let data =
        json!({ "token": token, "connect_link": link.as_str(), "expires_at": show::zulu(session.ends) });
    nango.state().sessions.insert(token, session);
    answer(201, &json!({ "data": data }))
}

impl Nango {
    /// The session of a token, if it may be used for this integration.
    pub(crate) fn session(&self, token: &str, integration: &str) -> Result<Session, Refused> {
        let now = self.now();
        let state = self.state();
        let session = state.sessions.get(token).filter(|session| now < session.ends);
        let session = session.ok_or_else(|| refuse_code(401, "invalid_connect_session_token"))?;
        let allowed = session.allowed.as_ref().is_none_or(|all| all.iter().any(|key| key == integration));
        if allowed { Ok(session.clone()) } else { Err(refuse_code(400, "integration_not_allowed")) }
    }
}

/// `POST /environment/webhook-signing-key/rotate`.
pub(crate) async fn rotate(State(nango): State<Nango>) -> Answered {
    let data: Value = json!({ "webhook_signing_key": nango.rotate_signing_key() });
    Ok(answer(200, &json!({ "data": data })))
}
