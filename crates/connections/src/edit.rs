//! What people may change of a connection without authorizing it again.

use model::{CompanyId, ConnectionId, Failure};
use store::{CommitError, Connection, Refusal};
use stripe::Version;

use crate::{
    Connections,
    connections::{name, rename_taken},
    failures,
};

/// What changes; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Another name.
    pub name: Option<String>,
    /// `true` makes it the default and takes that from the others; `false` leaves the
    /// company without one.
    pub is_default: Option<bool>,
    /// The version of requests that are made from now on; `Some(None)` is the pinned one.
    pub version: Option<Option<Version>>,
}

impl Connections {
    /// Changes a connection. Safe to repeat.
    ///
    /// # Errors
    /// `validation_error` for a name that cannot be, `conflict` for a name
    /// that is taken, `not_found`, `store_unavailable`.
    pub async fn edit(
        &self,
        company: CompanyId,
        id: ConnectionId,
        edit: Edit,
    ) -> Result<Connection, Failure> {
        let version = edit.version.map(|version| version.map(|version| version.as_str().to_owned()));
        let new_name = edit.name.as_deref().map(name).transpose()?;
        loop {
            let all = self.list(company).await?;
            let row = all.iter().find(|row| row.id == id).cloned();
            let row = row.ok_or_else(|| failures::gone(&id.to_string()))?;
            let stored = row.clone();
            let next = Connection {
                name: new_name.clone().unwrap_or_else(|| row.name.clone()),
                is_default: edit.is_default.unwrap_or(row.is_default),
                version: version.clone().unwrap_or_else(|| row.version.clone()),
                revision: row.revision + 1,
                updated_at: self.clock.now(),
                ..row.clone()
            };
            let as_it_is = Connection { revision: next.revision, updated_at: next.updated_at, ..row };
            if next == as_it_is {
                return Ok(stored);
            }
            match self.commit(&next, &all).await {
                Ok(()) => return Ok(next),
                Err(CommitError::Refused { why: Refusal::Changed, .. }) => {}
                Err(CommitError::Refused { .. }) => return Err(rename_taken(&next.name)),
                Err(error) => return Err(failures::commit(&error)),
            }
        }
    }
}
