//! Who calls, and what they may do.
//!
//! A key is looked up by its hash: what is compared is the digest of what was sent,
//! so the time it takes says nothing about the keys there are. A thing of another
//! company is not found, never forbidden.

use aws_lc_rs::digest;
use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use model::{Code, CompanyId, Failure, KeyId, Rng};
use store::{ApiKey, Company, Unit, Write};

use crate::{App, failure::Refused};

/// Every scope there is; `admin` includes the others.
pub const SCOPES: &[&str] = &[
    "actions:read",
    "actions:write",
    "actions:raw",
    "workflows:read",
    "workflows:write",
    "workflows:execute",
    "runs:read",
    "connections:read",
    "connections:write",
    "events:read",
    "events:write",
    "admin",
];

/// The caller of a request, by its API key.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose data it may reach.
    pub company: CompanyId,
    /// Its key.
    pub key: KeyId,
    /// What it may do.
    pub scopes: Vec<String>,
}

impl Actor {
    /// Whether one of its scopes is this one or `admin`.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope || held == "admin")
    }

    /// Refuses unless one of these scopes is held.
    pub(crate) fn require(&self, any_of: &[&str]) -> Result<(), Refused> {
        if any_of.iter().any(|scope| self.may(scope)) {
            return Ok(());
        }
        let needed = any_of.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ");
        Err(Failure::new(
            Code::Forbidden,
            format!(
                "The API key {} lacks the scope {needed}. Nothing was done. Use a key that has it, or `admin`.",
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

/// A new API key; the text is shown once.
pub struct Issued {
    /// Its id.
    pub id: KeyId,
    /// `bsk_…`.
    pub text: String,
}

/// The company of this name, made if it is missing. For the start of a process, which
/// is alone with its database; two at once could make two.
///
/// # Errors
/// `store_unavailable`.
pub async fn ensure_company(app: &App, name: &str) -> Result<Company, Failure> {
    let known = app.store.companies().await.map_err(|error| Refused::from(error).into_failure())?;
    if let Some(company) = known.into_iter().find(|company| company.name == name) {
        return Ok(company);
    }
    let company = Company {
        id: CompanyId::new(app.clock.as_ref(), app.rng.as_ref()),
        name: name.to_owned(),
        created_at: app.clock.now(),
    };
    commit(app, Write::PutCompany(company.clone())).await?;
    Ok(company)
}

/// Makes an API key with these scopes; only its hash is kept. Each call makes another.
///
/// # Errors
/// `validation_error` for a scope that does not exist, `store_unavailable`.
pub async fn issue_key(
    app: &App,
    company: CompanyId,
    name: &str,
    scopes: &[&str],
) -> Result<Issued, Failure> {
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(scope)) {
        return Err(Failure::new(
            Code::ValidationError,
            format!("There is no scope `{unknown}`. No key was made. The scopes are {}.", SCOPES.join(", ")),
        )
        .at("scopes"));
    }
    let text = format!("bsk_{}", random_hex::<32>(app.rng.as_ref()));
    let key = ApiKey {
        id: KeyId::new(app.clock.as_ref(), app.rng.as_ref()),
        company,
        name: name.to_owned(),
        hash: hash(&text),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        created_at: app.clock.now(),
    };
    let id = key.id;
    commit(app, Write::PutApiKey(key)).await?;
    Ok(Issued { id, text })
}

/// The caller that these headers name.
pub(crate) async fn actor(app: &App, headers: &HeaderMap) -> Result<Actor, Refused> {
    let text = key_text(headers).ok_or_else(|| unauthorized("has no API key"))?;
    let key = app.store.api_key(hash(text)).await?.ok_or_else(|| unauthorized("has an unknown API key"))?;
    Ok(Actor { company: key.company, key: key.id, scopes: key.scopes })
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

fn hash(text: &str) -> [u8; 32] {
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

async fn commit(app: &App, write: Write) -> Result<(), Failure> {
    let unit = Unit::interactive(vec![write]);
    app.store.commit(unit).await.map_err(|error| Refused::from(error).into_failure())?;
    Ok(())
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
