//! What a browser does with a session's token: OAuth by redirect, or a key by a form.
//! Nobody is sent back to the application afterwards.

use std::collections::HashMap;

use aws_lc_rs::digest;
use axum::{
    extract::{Path, RawQuery, State},
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use crate::{
    answer::{Answered, Refused, json as answer, refuse_code},
    importing::{New, object},
    refresh::oauth2,
    state::{Nango, Out, Session},
    tokens::{Asked, Grant},
};

const CONNECT: &str = "https://connect.stripe.com/oauth/authorize";
const APP: &str = "https://marketplace.stripe.com/oauth/v2/authorize";

const FORM: &str = "application/x-www-form-urlencoded";

/// What somebody did at the provider.
#[derive(Debug, Clone)]
pub enum Consent {
    /// Consented, which gave this code.
    Code(String),
    /// Denied.
    Denied,
}

pub(crate) fn query(raw: Option<&str>) -> HashMap<String, String> {
    url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// `GET /oauth/connect/{integration}`.
pub(crate) async fn start(
    State(nango): State<Nango>,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answered {
    let token = query(raw.as_deref()).remove("connect_session_token").unwrap_or_default();
    let location = nango.begin(&token, &key)?;
    let text = format!("Found. Redirecting to {location}");
    let mut response = (StatusCode::FOUND, text).into_response();
    let location = HeaderValue::from_str(location.as_str());
    response.headers_mut().extend(location.ok().map(|location| (header::LOCATION, location)));
    Ok(response)
}

impl Nango {
    fn begin(&self, token: &str, key: &str) -> Result<Url, Refused> {
        let session = self.session(token, key)?;
        let integration = self.state().integration(key).cloned();
        let integration = integration.filter(|integration| integration.auth_mode() == "OAUTH2");
        let integration = integration.ok_or_else(|| refuse_code(400, "invalid_auth_mode"))?;
        let is_app = integration.provider.starts_with("stripe-app");
        let known = Url::parse(if is_app { APP } else { CONNECT }).ok();
        let mut url = integration.authorize_url.clone().or(known).unwrap_or_else(|| self.callback_url());
        let (state, verifier) = (self.uuid(), self.uuid() + &self.uuid());
        let scope = session.scopes.get(key).unwrap_or(&integration.scopes);
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &integration.client_id)
            .append_pair("redirect_uri", self.callback_url().as_str())
            .append_pair("scope", scope)
            .append_pair("state", &state);
        if !is_app {
            let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
            url.query_pairs_mut()
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
        }
        let out = Out { session: token.to_owned(), integration: key.to_owned(), verifier };
        self.state().states.insert(state, out);
        Ok(url)
    }

    fn callback_url(&self) -> Url {
        let mut url = self.inner.public_url.clone();
        url.set_path("/oauth/callback");
        url
    }

    /// Does by hand what a browser does with a session's token: starts, consents or
    /// denies, and comes back. `None` when a step was refused.
    pub async fn consent(&self, token: &str, integration: &str, consent: Consent) -> Option<()> {
        let url = self.begin(token, integration).ok()?;
        let state = url.query_pairs().find(|(name, _)| name == "state")?.1.into_owned();
        self.back(&state, consent).await.ok()
    }

    async fn back(&self, state: &str, consent: Consent) -> Result<(), Refused> {
        let out = self.state().states.remove(state);
        let out = out.ok_or_else(|| refuse_code(400, "invalid_state"))?;
        let session = self.session(&out.session, &out.integration)?;
        let integration = self.state().integration(&out.integration).cloned();
        let integration = integration.ok_or_else(|| refuse_code(400, "unknown_provider_config"))?;
        let Consent::Code(code) = consent else {
            self.tell_denied(&out.integration, &integration.provider);
            return Ok(());
        };
        let is_app = integration.provider.starts_with("stripe-app");
        let (redirect_uri, verifier) = (self.callback_url().into(), (!is_app).then_some(out.verifier));
        let grant = Grant::Code { code, redirect_uri, verifier };
        let (provider, client_id) = (integration.provider.clone(), integration.client_id);
        let answer = self.inner.tokens.exchange(Asked { provider: provider.clone(), client_id, grant }).await;
        let answer = answer.ok_or_else(|| refuse_code(400, "token_request_failed"))?;
        let credentials = oauth2(&provider, &answer, self.now());
        let user = &answer["stripe_user_id"];
        let config = if provider == "stripe-express" { json!({ "stripe_user_id": user }) } else { json!({}) };
        self.put(self.connected(session, &out.integration, credentials, config, Value::Null));
        Ok(())
    }

    fn connected(
        &self,
        session: Session,
        integration: &str,
        credentials: Value,
        config: Value,
        metadata: Value,
    ) -> New {
        let Session { tags, end_user, of, .. } = session;
        let id = of.map_or_else(|| self.uuid(), |(_, id)| id);
        New { integration: integration.to_owned(), id, tags, end_user, credentials, config, metadata }
    }

    /// With the id of a connection that never comes to be, and without tags.
    fn tell_denied(&self, integration: &str, provider: &str) {
        let description = "Did not get authorization code in the callback. Provider error: error: access_denied; \
                           error_description: The user denied your request";
        let error = json!({ "type": "invalid_callback", "description": description });
        let now = self.now();
        let nobody = crate::state::Stored {
            id: 0,
            connection_id: self.uuid(),
            integration: integration.to_owned(),
            provider: provider.to_owned(),
            tags: serde_json::Map::new(),
            end_user: Value::Null,
            metadata: Value::Null,
            config: Value::Null,
            credentials: Value::Null,
            created_at: now,
            updated_at: now,
            fetched_at: None,
            failed_at: None,
            failed_days: Vec::new(),
            turn: std::sync::Arc::default(),
            renewals: 0,
        };
        self.tell(&nobody, "creation", Some(error));
    }
}

/// `GET /oauth/callback`: a page that closes itself, whatever came of it.
pub(crate) async fn callback(State(nango): State<Nango>, RawQuery(raw): RawQuery) -> Response {
    let mut sent = query(raw.as_deref());
    let consent = sent.remove("code").map_or(Consent::Denied, Consent::Code);
    let outcome = nango.back(&sent.remove("state").unwrap_or_default(), consent).await;
    let text = match outcome {
        Ok(()) => "You can close this window.",
        Err(_) => "That did not work. You can close this window.",
    };
    Html(format!("<!doctype html><title>Stand-in</title><p>{text}</p>")).into_response()
}

/// `POST /api-auth/basic/{integration}`: JSON, and what the page's form sends.
pub(crate) async fn basic(
    State(nango): State<Nango>,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let token = query(raw.as_deref()).remove("connect_session_token").unwrap_or_default();
    let session = nango.session(&token, &key)?;
    let is_basic = nango.state().integration(&key).is_some_and(|i| i.auth_mode() == "BASIC");
    if !is_basic {
        return Err(refuse_code(400, "invalid_auth_mode"));
    }
    let of_form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == FORM);
    let body = if of_form { json!(query(Some(&String::from_utf8_lossy(&body)))) } else { object(&body)? };
    let credentials = json!({ "type": "BASIC", "username": body["username"], "password": body["password"] });
    let stored = nango.put(nango.connected(session, &key, credentials, json!({}), json!({})));
    let made = json!({ "connectionId": stored.connection_id, "providerConfigKey": stored.integration });
    Ok(answer(200, &made))
}
