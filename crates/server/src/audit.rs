//! The audit log: who changed what. An entry never holds a secret.
//!
//! The entry goes into the unit of the change, whichever part makes that.

use model::CompanyId;
use serde_json::Value;
use store::{Audited, Write};

use crate::{Actor, App};

/// An entry in this company's log, to go into the unit of the change.
pub(crate) fn entry(
    app: &App,
    actor: &Actor,
    company: CompanyId,
    what: &str,
    target: &str,
    details: &Value,
) -> Write {
    let moment = (app.clock.as_ref(), app.rng.as_ref());
    Audited::entry(moment, company, Some(actor.key), what, (target.to_owned(), details.to_string()))
}
