//! Nango's API, the calls we need. Queries are strict there: only known parameters go.

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Place,
    answer::{Shown, Trouble},
};
use crate::{
    NangoClient,
    exchange::{Carrier, Exchange, Exchanged},
};

/// A session by which somebody connects.
pub(super) struct Session {
    pub(super) link: Url,
    pub(super) expires_at: Option<model::Timestamp>,
}

/// Tags by which a connection at Nango is known to be ours.
pub(super) const TAG_CONNECTION: &str = "bursar_connection";
pub(super) const TAG_COMPANY: &str = "bursar_company";

/// The most that one page of a list holds.
const PAGE: u32 = 50;

/// Reads a connection with its credentials. `force` renews them first, always.
pub(super) async fn read(
    carrier: &dyn Carrier,
    client: &NangoClient,
    place: &Place,
    force: bool,
) -> Result<Shown, Trouble> {
    let id = place.connection_id.as_deref().ok_or(Trouble::Gone)?;
    let mut url = address(client, &["connections", id]);
    url.query_pairs_mut().append_pair("provider_config_key", &place.integration);
    if force {
        url.query_pairs_mut().append_pair("force_refresh", "true");
    }
    decoded(ask(carrier, client, Method::GET, url, None).await?)
}

/// The connections with this tag, newest first, without credentials.
pub(super) async fn tagged(
    carrier: &dyn Carrier,
    client: &NangoClient,
    value: &str,
) -> Result<Vec<Shown>, Trouble> {
    let mut url = address(client, &["connections"]);
    let tag = format!("tags[{TAG_CONNECTION}]");
    url.query_pairs_mut().append_pair(&tag, value).append_pair("limit", &PAGE.to_string());
    let mut body: Value = decoded(ask(carrier, client, Method::GET, url, None).await?)?;
    serde_json::from_value(body["connections"].take())
        .map_err(|_| Trouble::Odd("a list without connections".to_owned()))
}

/// A session for a new connection with these tags.
pub(super) async fn session(
    carrier: &dyn Carrier,
    client: &NangoClient,
    integration: &str,
    tags: &[(&str, &str)],
) -> Result<Session, Trouble> {
    let tags: serde_json::Map<String, Value> =
        tags.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let body = json!({ "tags": tags, "allowed_integrations": [integration] });
    begun(carrier, client, &["connect", "sessions"], &body).await
}

/// A session that authorizes an existing connection again.
pub(super) async fn reconnect(
    carrier: &dyn Carrier,
    client: &NangoClient,
    place: &Place,
) -> Result<Session, Trouble> {
    let id = place.connection_id.as_deref().ok_or(Trouble::Gone)?;
    let body = json!({ "connection_id": id, "integration_id": place.integration });
    begun(carrier, client, &["connect", "sessions", "reconnect"], &body).await
}

/// Deletes a connection at Nango; one that is gone counts as deleted.
pub(crate) async fn delete(
    carrier: &dyn Carrier,
    client: &NangoClient,
    place: &Place,
) -> Result<(), Trouble> {
    let Some(id) = place.connection_id.as_deref() else { return Ok(()) };
    let mut url = address(client, &["connections", id]);
    url.query_pairs_mut().append_pair("provider_config_key", &place.integration);
    match ask(carrier, client, Method::DELETE, url, None).await {
        Ok(_) | Err(Trouble::Gone) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

async fn begun(
    carrier: &dyn Carrier,
    client: &NangoClient,
    path: &[&str],
    body: &Value,
) -> Result<Session, Trouble> {
    let body = ask(carrier, client, Method::POST, address(client, path), Some(body)).await?;
    let body: Value = decoded(body)?;
    let data = &body["data"];
    let link = data["connect_link"].as_str().and_then(|link| Url::parse(link).ok());
    let link = link.ok_or_else(|| Trouble::Odd("a session without a link".to_owned()))?;
    let expires_at = data["expires_at"].as_str().and_then(|at| at.parse().ok());
    Ok(Session { link, expires_at })
}

/// Below the base address, every segment percent-encoded: ids hold spaces and slashes.
fn address(client: &NangoClient, path: &[&str]) -> Url {
    let mut url = client.base_url.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

async fn ask(
    carrier: &dyn Carrier,
    client: &NangoClient,
    method: Method,
    url: Url,
    body: Option<&Value>,
) -> Result<Bytes, Trouble> {
    let bearer = Zeroizing::new(format!("Bearer {}", client.key.as_str()));
    let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| Trouble::Key)?;
    authorization.set_sensitive(true);
    let mut headers = vec![(header::AUTHORIZATION, authorization)];
    let body = body.map_or_else(Bytes::new, |body| {
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
        body.to_string().into()
    });
    match carrier.exchange(Exchange { method, url, headers, body }).await {
        Exchanged::Answered { status, body, .. } if status.is_success() => Ok(body),
        Exchanged::Answered { status, headers, body } => Err(Trouble::read(status, &headers, &body)),
        Exchanged::NeverSent(why) | Exchanged::Broken(why) => Err(Trouble::Down(why)),
    }
}

fn decoded<T: serde::de::DeserializeOwned>(body: Bytes) -> Result<T, Trouble> {
    serde_json::from_slice(&body)
        .map_err(|_| Trouble::Odd("an answer that is not what it should be".to_owned()))
}
