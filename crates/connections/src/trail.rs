//! Whose change of a connection it is: its entry in the audit log, in the unit of the
//! change.
//!
//! What would surprise: what follows is a handle. Every row that is written through one
//! has an entry; through the plain [`Connections`] go the changes that nobody asked for,
//! such as a credential that is renewed.

use model::KeyId;
use serde_json::json;
use store::{Audited, Connection, Write};

use crate::Connections;

/// Who changes a connection, and what the log calls it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trail {
    /// The API key; `None` when Stripe or Nango told of it.
    by: Option<KeyId>,
    what: &'static str,
}

impl Connections {
    /// The same connections. What is changed through these is entered in the audit log of
    /// the company as this, in the same unit; what changes nothing has no entry.
    #[must_use]
    pub fn audited(&self, by: Option<KeyId>, what: &'static str) -> Self {
        let mut these = self.clone();
        these.trail = Some(Trail { by, what });
        these
    }

    /// Who asks, where that is known.
    pub(crate) fn asking(&self) -> Option<KeyId> {
        self.trail.and_then(|trail| trail.by)
    }

    /// The entry that goes with a change of this row.
    pub(crate) fn entry(&self, row: &Connection) -> Option<Write> {
        let Trail { by, what } = self.trail?;
        let details = json!({
            "name": row.name,
            "kind": row.kind,
            "account": row.account,
            "mode": row.mode,
            "status": row.status,
            "isDefault": row.is_default,
            "apiVersion": row.version,
        });
        let about = (row.id.to_string(), details.to_string());
        Some(Audited::entry((&*self.clock, &*self.rng), row.company, by, what, about))
    }
}
