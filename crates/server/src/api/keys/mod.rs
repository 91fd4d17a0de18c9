//! `/keys`: API keys. A key's text is in the answer that made it and nowhere else.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use serde_json::{Value, json};
use store::ApiKey;

use crate::{Actor, App, failure::Refused, request::Id};

const SCOPES: &[&str] = &["admin"];

/// A key as every answer shows it.
fn view(key: &ApiKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "companyId": key.company,
        "scopes": key.scopes,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "usedAt": key.used_at,
    })
}

/// The key of a path, by id or name, if it is of the caller's company.
async fn find(app: &App, actor: &Actor, id: &Id) -> Result<ApiKey, Refused> {
    let all = app.store.api_keys(actor.company).await?;
    let found = all.iter().find(|key| key.id.to_string() == id.0);
    let found = found.or_else(|| all.iter().find(|key| key.name == id.0));
    found.cloned().ok_or_else(|| crate::failure::not_found("API key", &id.0))
}
