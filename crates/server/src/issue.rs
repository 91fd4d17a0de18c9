//! Making companies and API keys. A key's text exists once, in the answer to whoever
//! asked for it; only its hash is kept.

use model::{Code, CompanyId, Failure, KeyId, Timestamp};
use store::{ApiKey, Company, Unit, Write};

use crate::{
    App,
    auth::{SCOPES, hash, random_hex},
    failure::Refused,
};

/// A new API key; the text is shown once.
pub struct Issued {
    /// Its id.
    pub id: KeyId,
    /// `bsk_…`.
    pub text: String,
}

/// What a key is to be.
pub(crate) struct NewKey<'a> {
    pub(crate) name: &'a str,
    pub(crate) scopes: &'a [&'a str],
    /// Of an installation's key: whether it acts for its own company unless told otherwise.
    pub(crate) bound: bool,
    pub(crate) expires_at: Option<Timestamp>,
}

/// The company of this name, made if it is missing. Safe to repeat and to race.
///
/// # Errors
/// `store_unavailable`.
pub async fn ensure_company(app: &App, name: &str) -> Result<Company, Failure> {
    let known = app.store.company(name).await.map_err(|error| Refused::from(error).into_failure())?;
    if let Some(company) = known {
        return Ok(company);
    }
    let company = new_company(app, name);
    commit(app, Write::PutCompany(company.clone())).await?;
    Ok(company)
}

/// A company, not stored yet.
pub(crate) fn new_company(app: &App, name: &str) -> Company {
    Company {
        id: CompanyId::new(app.clock.as_ref(), app.rng.as_ref()),
        name: name.to_owned(),
        created_at: app.clock.now(),
    }
}

/// Makes an API key with these scopes that does not run out; only its hash is kept. Each
/// call makes another. With the scope `installation` it acts for this company unless a
/// request names another.
///
/// # Errors
/// `validation_error` for a scope that does not exist, `store_unavailable`.
pub async fn issue_key(
    app: &App,
    company: CompanyId,
    name: &str,
    scopes: &[&str],
) -> Result<Issued, Failure> {
    let (key, text) = new_key(app, company, &NewKey { name, scopes, bound: true, expires_at: None })?;
    let id = key.id;
    commit(app, Write::PutApiKey(key)).await?;
    Ok(Issued { id, text })
}

/// A key, not stored yet, and its text.
///
/// # Errors
/// `validation_error` for a scope that does not exist.
pub(crate) fn new_key(app: &App, company: CompanyId, new: &NewKey<'_>) -> Result<(ApiKey, String), Failure> {
    if let Some(unknown) = new.scopes.iter().find(|scope| !SCOPES.contains(scope)) {
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
        name: new.name.to_owned(),
        hash: hash(&text),
        scopes: new.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        bound: new.bound,
        created_at: app.clock.now(),
        expires_at: new.expires_at,
        used_at: None,
    };
    Ok((key, text))
}

async fn commit(app: &App, write: Write) -> Result<(), Failure> {
    let unit = Unit::interactive(vec![write]);
    app.store.commit(unit).await.map_err(|error| Refused::from(error).into_failure())?;
    Ok(())
}
