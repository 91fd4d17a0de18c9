//! What the audit log knows: a closed list, so that whoever reads it knows what can stand
//! there, and whoever changes something new has to say so here and in the documentation.

use model::{AuditId, Clock, CompanyId, KeyId, Rng};

use crate::{rows::Audited, unit::Write};

/// Every `what` of an entry, and what was done.
pub const AUDITED: &[(&str, &str)] = &[
    ("company.created", "a company was made"),
    ("company.removing", "a company's removal began, or went on where one had stopped"),
    ("company.removed", "a company is gone, with everything of it"),
    ("connection.added", "a connection was made by an API key or taken over from Nango, or got a new key"),
    ("connection.authorizing", "a link was handed out by which somebody authorizes a connection"),
    ("connection.authorized", "somebody consented, and the connection is active"),
    ("connection.not_authorized", "somebody came back without a consent that could be used"),
    ("connection.changed", "a connection has another name, version, or standing as the default"),
    ("connection.disconnected", "a connection was given up and its credential destroyed"),
    ("connection.removed", "a connection that was given up is forgotten"),
    ("connection.revoked", "the account's owner took the permission back"),
    ("event.replayed", "an event is dispatched again"),
    ("key.created", "an API key was made"),
    ("key.revoked", "an API key was revoked"),
    ("run.abandoned", "a run that could not be driven was given up"),
    ("run.canceled", "a run was asked to stop"),
    ("run.resolved", "somebody said what became of a step"),
    ("run.retried", "a run that stood still was let go on"),
    (
        "source.added",
        "a source was added, or its secret changed; `installation` says whether it is everybody's",
    ),
    ("source.removed", "a source was removed"),
    ("vault.rotated", "everything is wrapped under another master key"),
    ("workflow.activated", "a workflow starts runs from now on"),
    ("workflow.archived", "a workflow was archived for good"),
    ("workflow.paused", "a workflow starts no runs for now"),
    ("workflow.saved", "a workflow was made, or has a new version"),
];

impl Audited {
    /// An entry, to go into the unit of the change that it tells of. `details` is a JSON
    /// object and holds no secret.
    pub fn entry(
        (clock, rng): (&dyn Clock, &dyn Rng),
        company: CompanyId,
        actor: Option<KeyId>,
        what: &str,
        (target, details): (String, String),
    ) -> Write {
        debug_assert!(AUDITED.iter().any(|(known, _)| *known == what), "`{what}` is not in AUDITED");
        let (id, at) = (AuditId::new(clock, rng), clock.now());
        Write::Audit(Self { id, company, at, actor, what: what.to_owned(), target, details })
    }
}
