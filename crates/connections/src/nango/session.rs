//! Handing out a link of Nango's.

use std::time::Duration;

use model::{CompanyId, Failure, Timestamp};
use store::{CommitError, Connection, Refusal};

use super::{
    Place,
    client::{self, TAG_COMPANY, TAG_CONNECTION},
    fetch::after,
};
use crate::{
    Authorize, Begun, Connections, NangoClient, Way,
    connections::{name, name_taken},
    failures,
};

/// How long a session works unless Nango says otherwise.
const LIFE: Duration = Duration::from_secs(30 * 60);

impl Connections {
    /// As [`Connections::authorize`], through a connect session of Nango's. The
    /// connection there carries our id as a tag, by which it is found.
    pub(crate) async fn authorize_by_nango(
        &self,
        company: CompanyId,
        asked: &Authorize,
    ) -> Result<Begun, Failure> {
        let client = self.nango(asked.mode)?;
        let all = self.list(company).await?;
        let known = asked.reconnect.as_ref();
        let known =
            known.map(|known| all.iter().find(|row| row.name == *known || row.id.to_string() == *known));
        match known {
            Some(None) => Err(failures::gone("to authorize again")),
            Some(Some(row)) => self.again(&client, row).await,
            None => self.anew(company, &client, asked, &all).await,
        }
    }

    async fn anew(
        &self,
        company: CompanyId,
        client: &NangoClient,
        asked: &Authorize,
        all: &[Connection],
    ) -> Result<Begun, Failure> {
        let name = name(asked.name.as_deref().unwrap_or_default())?;
        let integration = asked.integration.clone().unwrap_or_else(|| client.integration.clone());
        let waits = |row: &&Connection| {
            row.account.is_none() && row.kind == Way::Nango.as_str() && row.mode == asked.mode
        };
        let row = match all.iter().find(|row| row.name == name) {
            Some(row) => row.clone(),
            None => {
                let place = Place { integration: integration.clone(), connection_id: None, imported: false };
                let row = self.pending(company, &name, asked.mode, Way::Nango, &client.stripe_url);
                let details = serde_json::json!(place).to_string();
                Connection { revision: 1, details, ..row }
            }
        };
        if !waits(&&row) {
            return Err(name_taken(&name));
        }
        let (id, of) = (row.id.to_string(), company.to_string());
        let tags = [(TAG_CONNECTION, id.as_str()), (TAG_COMPANY, of.as_str()), ("end_user_id", of.as_str())];
        let session = client::session(&*self.carrier, client, &integration, &tags).await;
        let session = session.map_err(|trouble| trouble.to_failure(&row.name))?;
        if row.revision == 1 && !all.iter().any(|known| known.id == row.id) {
            match self.commit(&row, &[]).await {
                Ok(()) => {}
                Err(CommitError::Refused { why: Refusal::Conflict, .. }) => return Err(name_taken(&name)),
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        Ok(self.begun(row, session))
    }

    async fn again(&self, client: &NangoClient, row: &Connection) -> Result<Begun, Failure> {
        let place = Place::of(row)?;
        let session = client::reconnect(&*self.carrier, client, &place).await;
        let session = session.map_err(|trouble| trouble.to_failure(&row.name))?;
        Ok(self.begun(row.clone(), session))
    }

    fn begun(&self, connection: Connection, session: client::Session) -> Begun {
        let client::Session { link, expires_at } = session;
        let expires_at: Timestamp = expires_at.unwrap_or_else(|| after(self.clock.now(), LIFE));
        self.waiting.add(connection.company, connection.id, expires_at);
        Begun { connection, url: link, expires_at }
    }
}
