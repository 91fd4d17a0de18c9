//! The audit log: who changed what. An entry never holds a secret.
//!
//! Where this crate makes the change, the entry goes into the same unit. A change that
//! another part makes has its entry right after it: [`record`].

use model::CompanyId;
use serde_json::Value;
use store::{Audited, Unit, Write};

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

/// Adds an entry to the log of the caller's company, for a change that has been made. The
/// change stands whatever becomes of its entry; one that is lost is logged.
pub(crate) async fn record(app: &App, actor: &Actor, what: &str, target: &str, details: &Value) {
    let entry = entry(app, actor, actor.company, what, target, details);
    if let Err(why) = app.store.commit(Unit::interactive(vec![entry])).await {
        tracing::error!(%why, what, target, actor = %actor.key, "an entry of the audit log was lost");
    }
}
