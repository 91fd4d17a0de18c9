//! What a provider grants when somebody authorizes a connection.

use std::time::Duration;

use model::{AccountId, Failure, Mode, Timestamp};
use store::{CommitError, Connection, Refusal};

use crate::{Connections, connections::name_taken, failures, kept::Secrets};

/// The pause before a grant is stored again that the store would not take.
const PAUSE: Duration = Duration::from_secs(1);

/// A grant, checked and not yet sealed.
#[derive(Clone)]
pub(crate) struct Grant {
    /// The account that it reaches.
    pub(crate) account: AccountId,
    /// The mode that it reaches.
    pub(crate) mode: Mode,
    pub(crate) secrets: Secrets,
    /// When the secrets run out; `None` when they do not by themselves.
    pub(crate) expires_at: Option<Timestamp>,
    /// What was granted, in the provider's words.
    pub(crate) scopes: Vec<String>,
    /// What the way has to know besides and is no secret.
    pub(crate) details: serde_json::Value,
}

impl Connections {
    /// Stores a grant over whatever the row is by now; a new row is made. It exists
    /// nowhere else, so it is tried until the store has it, or the process ends. The
    /// caller has the connection's turn.
    ///
    /// # Errors
    /// `conflict` for another account or mode, or a name that is taken; `not_found` when
    /// the connection was removed meanwhile; `store_unavailable` when the process ends.
    pub(crate) async fn put_grant(&self, row: Connection, grant: Grant) -> Result<Connection, Failure> {
        let fresh = row.revision == 0;
        loop {
            let others = self.list(row.company).await?;
            let stored = others.iter().find(|other| other.id == row.id).cloned();
            let now = match stored {
                Some(now) => now,
                None if fresh => row.clone(),
                None => return Err(failures::gone(&row.id.to_string())),
            };
            // Only the very first account of a company becomes the default by itself.
            let first = now.account.is_none()
                && !others.iter().any(|other| other.id != now.id && other.account.is_some());
            let next = self.granted(now, grant.clone()).await?;
            let next = Connection { is_default: next.is_default || first, ..next };
            match self.commit(&next, &others).await {
                Ok(()) => return Ok(next),
                Err(CommitError::Refused { why: Refusal::Changed, .. }) => {}
                Err(CommitError::Refused { .. }) => return Err(name_taken(&next.name)),
                Err(error) if self.tasks.is_closed() => return Err(failures::commit(&error)),
                Err(error) => {
                    tracing::error!(connection = %next.id, %error, "a grant cannot be stored yet");
                    tokio::time::sleep(PAUSE).await;
                    if self.is_stored(&next).await {
                        return Ok(next);
                    }
                }
            }
        }
    }
}
