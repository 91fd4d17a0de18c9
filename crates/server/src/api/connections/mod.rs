//! `/connections`: authorized links to Stripe accounts. No answer holds a credential.

pub(crate) mod add;
pub(crate) mod auth_url;
pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod change;
pub(crate) mod disconnect;
mod import;
pub(crate) mod list;
mod outcome;
pub(crate) mod providers;
pub(crate) mod show;
pub(crate) mod test;

use ::connections::Way;
use model::{Code, ConnectionId, Failure, Mode};
use serde_json::{Value, json};
use store::Connection;

use crate::{Actor, App, failure::Refused, request::Id};

/// A connection as every answer shows it.
fn view(row: &Connection) -> Value {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    json!({
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "account": row.account,
        "mode": row.mode,
        "status": row.status,
        "isDefault": row.is_default,
        "scopes": row.scopes,
        "apiVersion": row.version,
        "baseUrl": row.base_url,
        "details": parsed(&row.details),
        "error": row.error.as_deref().map(parsed),
        "expiresAt": row.expires_at,
        "usedAt": row.used_at,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    })
}

/// The same, as failing when what is sealed in it cannot be used: that is found out here,
/// before a call needs it.
async fn examined(app: &App, row: &Connection) -> Value {
    let mut shown = view(row);
    if let Some(failure) = app.connections.unsound(row).await {
        shown["status"] = json!("error");
        shown["error"] = failure.body();
    }
    shown
}

/// The connection of a path, by id or name, if it is the caller's.
async fn find(app: &App, actor: &Actor, id: &Id) -> Result<Connection, Refused> {
    let all = app.connections.list(actor.company).await?;
    let wanted = id.0.parse::<ConnectionId>().ok();
    let found = all.into_iter().find(|row| Some(row.id) == wanted || row.name == id.0);
    found.ok_or_else(|| crate::failure::not_found("connection", &id.0))
}

/// A mode by its word.
fn mode(text: &str) -> Result<Mode, Refused> {
    Mode::parse(text).ok_or_else(|| unknown("mode", "`live`, `test` or `local`"))
}

fn via(text: &str) -> Result<Way, Refused> {
    let all: Vec<_> = Way::ALL.iter().map(|way| format!("`{}`", way.as_str())).collect();
    Way::parse(text).ok_or_else(|| unknown("via", &all.join(", ")))
}

fn unknown(field: &str, allowed: &str) -> Refused {
    let text = format!("`{field}` is one of {allowed}. Nothing was stored and nothing was sent to Stripe.");
    Failure::new(Code::ValidationError, text).at(field).into()
}
