//! `/companies`: whose data an installation holds. For installation keys only.

pub(crate) mod create;
pub(crate) mod list;
mod open;
pub(crate) mod purge;
pub(crate) mod remove;

use serde_json::{Value, json};
use store::Company;

use crate::auth::INSTALLATION;

const SCOPES: &[&str] = &[INSTALLATION];

/// A company as every answer shows it.
fn view(company: &Company) -> Value {
    json!({ "id": company.id, "name": company.name, "createdAt": company.created_at })
}
