//! Who calls, and what they may do.
//!
//! A key is looked up by its hash: what is compared is the digest of what was sent,
//! so the time it takes says nothing about the keys there are. A thing of another
//! company is not found, never forbidden.

use aws_lc_rs::digest;
use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use model::{Code, CompanyId, Failure, KeyId, Rng, Timestamp};
use store::{ApiKey, Unit, Write};

use crate::{App, failure::Refused};

/// Every scope there is; `admin` includes the others, but for `installation`.
pub const SCOPES: &[&str] = &[
    "actions:read",
    "actions:write",
    "actions:raw",
    "workflows:read",
    "workflows:write",
    "workflows:execute",
    "runs:read",
    "approvals:decide",
    "connections:read",
    "connections:write",
    "events:read",
    "events:write",
    "admin",
    INSTALLATION,
];

/// The scope of whoever runs the installation: companies, the vault's master key, and
/// acting for any company that a request names.
pub(crate) const INSTALLATION: &str = "installation";

/// The header by which an installation key names the company it acts for.
const COMPANY_HEADER: &str = "bursar-company";

/// To the minute is exact enough for when a key was last used.
const USE_NOTED_S: i64 = 60;

/// The caller of a request, by its API key.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose data it may reach.
    pub company: CompanyId,
    /// Whose key it is: the same, but for an installation key that names another company.
    pub home: CompanyId,
    /// Its key.
    pub key: KeyId,
    /// What it may do.
    pub scopes: Vec<String>,
}

impl Actor {
    /// Whether one of its scopes is this one, or `admin` where that includes it.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope || (held == "admin" && scope != INSTALLATION))
    }

    /// Refuses unless one of these scopes is held.
    pub(crate) fn require(&self, any_of: &[&str]) -> Result<(), Refused> {
        if any_of.iter().any(|scope| self.may(scope)) {
            return Ok(());
        }
        let needed = any_of.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ");
        let or_admin = if any_of == [INSTALLATION] { "" } else { ", or `admin`" };
        Err(Failure::new(
            Code::Forbidden,
            format!(
                "The API key {} lacks the scope {needed}. Nothing was done. Use a key that has it{or_admin}.",
                self.key
            ),
        )
        .with_details(serde_json::json!({ "needed": any_of, "held": self.scopes }))
        .into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Refused;

    /// Put there by the guard in front of every route.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthorized("has no API key"))
    }
}

/// The caller that these headers name. `company` says whether the route is about one.
pub(crate) async fn actor(app: &App, headers: &HeaderMap, company: bool) -> Result<Actor, Refused> {
    let text = key_text(headers).ok_or_else(|| unauthorized("has no API key"))?;
    let key = app.store.api_key(hash(text)).await?.ok_or_else(|| unauthorized("has an unknown API key"))?;
    let now = app.clock.now();
    if key.expires_at.is_some_and(|at| at <= now) {
        return Err(unauthorized("has an API key that has expired"));
    }
    note_use(app, &key, now);
    let home = key.company;
    let company = acts_for(app, headers, &key, company).await?;
    Ok(Actor { company, home, key: key.id, scopes: key.scopes })
}

/// Once a minute, and without anybody waiting for it: a database that cannot be written
/// can still be read.
fn note_use(app: &App, key: &ApiKey, now: Timestamp) {
    if key.used_at.is_some_and(|at| now.as_second() - at.as_second() < USE_NOTED_S) {
        return;
    }
    let (store, id) = (app.store.clone(), key.id);
    app.tasks.spawn(async move {
        if let Err(why) = store.commit(Unit::background(vec![Write::UseApiKey(id, now)])).await {
            tracing::debug!(%why, "the use of a key was not noted");
        }
    });
}

/// The company that the header names, else the key's own. A company key that names
/// another company learns nothing about it.
async fn acts_for(app: &App, headers: &HeaderMap, key: &ApiKey, needed: bool) -> Result<CompanyId, Refused> {
    let installation = key.scopes.iter().any(|scope| scope == INSTALLATION);
    let Some(header) = headers.get(COMPANY_HEADER) else {
        let own = key.bound || !installation || !needed;
        return if own { Ok(key.company) } else { Err(company_missing()) };
    };
    let name = header.to_str().unwrap_or_default().trim();
    let found = app.store.company(name).await?.map(|company| company.id);
    found
        .filter(|company| installation || *company == key.company)
        .ok_or_else(|| crate::failure::not_found("company", name))
}

fn company_missing() -> Refused {
    let text = "An installation key acts for a company, and the request names none. Nothing was done. Name it by \
                the header `bursar-company`, with its id (co_…) or its name; `GET /api/v1/companies` lists them.";
    Failure::new(Code::ValidationError, text).at(COMPANY_HEADER).into()
}

/// `x-api-key`, else the bearer of `Authorization`.
fn key_text(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("x-api-key") {
        return key.to_str().ok().map(str::trim);
    }
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn unauthorized(why: &str) -> Refused {
    Failure::new(
        Code::Unauthorized,
        format!(
            "The request {why}. Nothing was done. Send a key in the header `x-api-key`, or as \
             `Authorization: Bearer bsk_…`."
        ),
    )
    .into()
}

/// What is kept of a key.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    out
}

/// Random bytes in hexadecimal.
pub(crate) fn random_hex<const BYTES: usize>(rng: &dyn Rng) -> String {
    let mut bytes = [0; BYTES];
    rng.fill(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_key_comes_from_either_header() {
        assert_eq!(key_text(&headers(&[("x-api-key", "bsk_1")])), Some("bsk_1"));
        assert_eq!(key_text(&headers(&[("authorization", "bearer bsk_2")])), Some("bsk_2"));
        assert_eq!(key_text(&headers(&[("authorization", "Basic YTpi")])), None);
        assert_eq!(key_text(&headers(&[])), None);
    }
}
