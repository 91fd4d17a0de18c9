//! Nango's API, the calls we need. Queries are strict there: only known parameters go.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use model::{Mode, Timestamp};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Place,
    answer::{Shown, Trouble},
    cache::after,
};
use crate::{
    Connections, NangoClient,
    exchange::{Exchange, Exchanged},
};

/// A mode's Nango, and what is known of how it is.
pub(crate) struct Access<'a> {
    pub(super) connections: &'a Connections,
    pub(super) client: NangoClient,
    pub(super) mode: Mode,
}

/// A session by which somebody connects. Has no `Debug`: whoever has it can use it.
pub(super) struct Session {
    pub(super) link: Url,
    /// What stands for it on the way around Nango's page.
    pub(super) token: Option<String>,
    pub(super) expires_at: Option<Timestamp>,
}

/// A connection, and what time it was there.
pub(super) struct Read {
    pub(super) shown: Shown,
    there: Option<Timestamp>,
}

/// Clocks that differ by less are taken to be the same.
pub(super) const SKEW_MIN_S: i64 = 30;

impl Read {
    /// A time of theirs by our clock, whichever of the two is wrong.
    pub(super) fn here(&self, theirs: Timestamp, now: Timestamp) -> Timestamp {
        let Some(there) = self.there else { return theirs };
        let skew = now.duration_since(there);
        if skew.as_secs().abs() < SKEW_MIN_S { theirs } else { theirs.checked_add(skew).unwrap_or(theirs) }
    }
}

/// Tags by which a connection at Nango is known to be ours.
pub(super) const TAG_CONNECTION: &str = "bursar_connection";
pub(super) const TAG_COMPANY: &str = "bursar_company";

/// The most that one page of a list holds.
const PAGE: u32 = 50;

/// Reads a connection with its credentials. `force` renews them first, always.
pub(super) async fn read(access: &Access<'_>, place: &Place, force: bool) -> Result<Read, Trouble> {
    let mut url = access.connection(place)?;
    if force {
        url.query_pairs_mut().append_pair("force_refresh", "true");
    }
    let (headers, body) = access.ask(Method::GET, url, None).await?;
    Ok(Read { shown: decoded(&body)?, there: told(&headers) })
}

/// The connections with this tag, newest first, without credentials.
pub(super) async fn tagged(access: &Access<'_>, value: &str) -> Result<Vec<Shown>, Trouble> {
    let mut url = access.address(&["connections"]);
    let tag = format!("tags[{TAG_CONNECTION}]");
    url.query_pairs_mut().append_pair(&tag, value).append_pair("limit", &PAGE.to_string());
    let (_, body) = access.ask(Method::GET, url, None).await?;
    let mut body: Value = decoded(&body)?;
    let listed = body.get_mut("connections").map(Value::take).unwrap_or_default();
    let mut found: Vec<Shown> =
        serde_json::from_value(listed).map_err(|_| Trouble::Odd("a list without connections".to_owned()))?;
    found.sort_by_key(|shown| std::cmp::Reverse(shown.created));
    Ok(found)
}

/// A session for a new connection with these tags.
pub(super) async fn session(
    access: &Access<'_>,
    integration: &str,
    scope: Option<&str>,
    tags: &[(&str, &str)],
) -> Result<Session, Trouble> {
    let tags: serde_json::Map<String, Value> =
        tags.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut body = json!({ "tags": tags, "allowed_integrations": [integration] });
    if let Some(scope) = scope {
        body["integrations_config_defaults"] = json!({ integration: { "user_scopes": scope } });
    }
    begun(access, &["connect", "sessions"], &body).await
}

/// A session that authorizes an existing connection again.
pub(super) async fn reconnect(access: &Access<'_>, place: &Place) -> Result<Session, Trouble> {
    let id = place.connection_id.as_deref().ok_or(Trouble::Gone)?;
    let body = json!({ "connection_id": id, "integration_id": place.integration });
    begun(access, &["connect", "sessions", "reconnect"], &body).await
}

/// Deletes a connection at Nango; one that is gone counts as deleted.
pub(super) async fn delete(access: &Access<'_>, place: &Place) -> Result<(), Trouble> {
    match access.ask(Method::DELETE, access.connection(place)?, None).await {
        Ok(_) | Err(Trouble::Gone) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}

async fn begun(access: &Access<'_>, path: &[&str], body: &Value) -> Result<Session, Trouble> {
    let (_, body) = access.ask(Method::POST, access.address(path), Some(body)).await?;
    let body: Value = decoded(&body)?;
    let data = &body["data"];
    let link = data["connect_link"].as_str().and_then(|link| Url::parse(link).ok());
    let link = link.ok_or_else(|| Trouble::Odd("a session without a link".to_owned()))?;
    let expires_at = data["expires_at"].as_str().and_then(|at| at.parse().ok());
    let token = data["token"].as_str().map(str::to_owned);
    Ok(Session { link, token, expires_at })
}

impl Access<'_> {
    /// Below the base address, every segment percent-encoded: ids hold spaces and slashes.
    pub(super) fn address(&self, path: &[&str]) -> Url {
        let mut url = self.client.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    fn connection(&self, place: &Place) -> Result<Url, Trouble> {
        let id = place.connection_id.as_deref().ok_or(Trouble::Gone)?;
        let mut url = self.address(&["connections", id]);
        url.query_pairs_mut().append_pair("provider_config_key", &place.integration);
        Ok(url)
    }

    /// One request, unless Nango wants none now: it counts all of a key together.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<(HeaderMap, Bytes), Trouble> {
        let (fetched, now) = (&self.connections.fetched, self.connections.clock.now());
        if let Some(left) = fetched.slowed(self.mode, now) {
            return Err(Trouble::Slower(left));
        }
        let bearer = Zeroizing::new(format!("Bearer {}", self.client.key.as_str()));
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| Trouble::Key)?;
        authorization.set_sensitive(true);
        let mut headers = vec![(header::AUTHORIZATION, authorization)];
        let body = body.map_or_else(Bytes::new, |body| {
            headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
            body.to_string().into()
        });
        let exchange = Exchange { method, url, headers, body };
        let trouble = match self.connections.carrier.exchange(exchange).await {
            Exchanged::Answered { status, headers, body } if status.is_success() => {
                return Ok((headers, body));
            }
            Exchanged::Answered { status, headers, body } => Trouble::read(status, &headers, &body),
            Exchanged::NeverSent(why) | Exchanged::Broken(why) => Trouble::Down(why),
        };
        if let Trouble::Slower(pause) = trouble {
            fetched.slow(self.mode, after(self.connections.clock.now(), pause));
        }
        Err(trouble)
    }
}

/// What time it was there.
pub(super) fn told(headers: &HeaderMap) -> Option<Timestamp> {
    headers.get(header::DATE).and_then(|date| time(date.to_str().ok()?))
}

/// A time as HTTP has it.
fn time(date: &str) -> Option<Timestamp> {
    let date = date.strip_suffix("GMT")?;
    Timestamp::strptime("%a, %d %b %Y %H:%M:%S %z", format!("{date}+0000")).ok()
}

pub(super) fn decoded<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    serde_json::from_slice(body)
        .map_err(|_| Trouble::Odd("an answer that is not what it should be".to_owned()))
}
