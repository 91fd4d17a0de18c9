//! Handing out a link of Nango's.

use std::time::Duration;

use model::{Code, CompanyId, Failure, Timestamp};
use store::{CommitError, Connection, Refusal, Unit};
use url::Url;

use super::{
    Place,
    answer::Trouble,
    cache::after,
    client::{self, Access, TAG_COMPANY, TAG_CONNECTION},
    preflight::{self, KEYED},
};
use crate::{
    Authorize, Begun, Connections, Way,
    authorize::other_way,
    connections::{name, name_taken, taken_by},
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
        if asked.redirect_url.is_some() {
            return Err(nobody_comes_back());
        }
        let access = self.nango_in(asked.mode)?;
        let all = self.list(company).await?;
        let known = asked.reconnect.as_ref();
        let known =
            known.map(|known| all.iter().find(|row| row.name == *known || row.id.to_string() == *known));
        match known {
            Some(None) => Err(failures::gone("to authorize again")),
            Some(Some(row)) if row.kind != Way::Nango.as_str() || row.mode != asked.mode => {
                Err(other_way(row))
            }
            Some(Some(row)) => self.again(&access, row, asked).await,
            None => self.anew(company, &access, asked, &all).await,
        }
    }

    async fn anew(
        &self,
        company: CompanyId,
        access: &Access<'_>,
        asked: &Authorize,
        all: &[Connection],
    ) -> Result<Begun, Failure> {
        let name = name(asked.name.as_deref().unwrap_or_default())?;
        let integration = asked.integration.clone().unwrap_or_else(|| access.client.integration.clone());
        let known = all.iter().find(|row| row.name == name);
        let waits = |row: &Connection| {
            row.account.is_none() && row.kind == Way::Nango.as_str() && row.mode == asked.mode
        };
        let row = match known {
            // Somebody who asks for a link again gets it for the connection that waits.
            Some(row) if waits(row) => row.clone(),
            Some(row) => return Err(taken_by(row)),
            None => {
                let place = Place { integration: integration.clone(), connection_id: None, imported: false };
                let row = self.pending(company, &name, asked.mode, Way::Nango, &access.client.stripe_url);
                let details = serde_json::json!(place).to_string();
                Connection { revision: 1, details, ..row }
            }
        };
        let session = session(access, &row, &integration, asked).await;
        let session = session.map_err(|trouble| refused(&trouble, &row))?;
        if known.is_some() {
            self.handed_out(&row).await?;
        } else {
            match self.commit(&row, &[]).await {
                Ok(()) => {}
                Err(CommitError::Refused { why: Refusal::Conflict, .. }) => return Err(name_taken(&name)),
                Err(error) => return Err(failures::commit(&error)),
            }
        }
        let headless = headless(access, &integration, &session).await;
        Ok(self.begun(row, session, headless))
    }

    /// For what Nango does not have any more a connection is made anew there; the row
    /// here keeps its id and its account.
    async fn again(
        &self,
        access: &Access<'_>,
        row: &Connection,
        asked: &Authorize,
    ) -> Result<Begun, Failure> {
        let place = Place::of(row)?;
        let mut integration = &place.integration;
        let begun = match client::reconnect(access, &place).await {
            Err(Trouble::Gone) => {
                integration = asked.integration.as_ref().unwrap_or(integration);
                session(access, row, integration, asked).await
            }
            begun => begun,
        };
        let begun = begun.map_err(|trouble| refused(&trouble, row))?;
        self.handed_out(row).await?;
        let headless = headless(access, integration, &begun).await;
        Ok(self.begun(row.clone(), begun, headless))
    }

    /// The link is Nango's, and nothing changes here: the entry of the audit log stands
    /// alone, and without it nobody gets the link.
    async fn handed_out(&self, row: &Connection) -> Result<(), Failure> {
        let Some(entry) = self.entry(row) else { return Ok(()) };
        let done = self.store.commit(Unit::interactive(vec![entry])).await;
        done.map(drop).map_err(|e| failures::commit(&e))
    }

    fn begun(&self, connection: Connection, session: client::Session, headless_url: Option<Url>) -> Begun {
        let client::Session { link, expires_at, .. } = session;
        let now = self.clock.now();
        let expires_at: Timestamp = expires_at.unwrap_or_else(|| after(now, LIFE));
        self.waiting.add(connection.company, connection.id, now, expires_at);
        Begun { connection, url: link, headless_url, expires_at }
    }
}

/// The way around Nango's page, straight to Stripe's: only what is authorized by OAuth has
/// one, and only where our key may see what the integration is.
async fn headless(access: &Access<'_>, integration: &str, session: &client::Session) -> Option<Url> {
    let token = session.token.as_deref()?;
    let provider = preflight::provider(access, integration).await.ok()?;
    if provider == KEYED {
        return None;
    }
    let mut url = access.address(&["oauth", "connect", integration]);
    url.query_pairs_mut().append_pair("connect_session_token", token);
    Some(url)
}

/// A session whose connection carries our ids as tags.
async fn session(
    access: &Access<'_>,
    row: &Connection,
    integration: &str,
    asked: &Authorize,
) -> Result<client::Session, Trouble> {
    let (id, of) = (row.id.to_string(), row.company.to_string());
    let tags = [(TAG_CONNECTION, id.as_str()), (TAG_COMPANY, of.as_str()), ("end_user_id", of.as_str())];
    client::session(access, integration, asked.scope.as_deref(), &tags).await
}

/// An integration that is not there is the caller's to name.
fn refused(trouble: &Trouble, row: &Connection) -> Failure {
    match trouble {
        Trouble::Integration => {
            Failure::new(Code::ValidationError, format!("{trouble}. Nothing was stored.")).at("integration")
        }
        trouble => trouble.to_failure(row),
    }
}

fn nobody_comes_back() -> Failure {
    let text = "Nango sends nobody back, so `redirectUrl` would not be kept to. Nothing was stored. Leave it out, \
                and wait for the connection to become active.";
    Failure::new(Code::ValidationError, text).at("redirectUrl")
}
